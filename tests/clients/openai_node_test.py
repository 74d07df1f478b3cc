"""OpenAI's client for Node (openai_client.mjs, package.json) against a whole Darkroom.

Usage: DARKROOM_BIN=build/release/bin python -m unittest discover -s tests/clients \\
           -p openai_node_test.py
after `npm ci` or `npm install` in tests/clients.
"""

import hashlib
import pathlib
import subprocess
import tempfile
import unittest

from pictures import HALF_TRANSPARENT, RED
from stack import Stack, programs_from_environment

KEY = "a key of the tests"
CLIENT = pathlib.Path(__file__).resolve().with_name("openai_client.mjs")


class OpenAiNodeClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name, content in (("red.png", RED), ("mask.png", HALF_TRANSPARENT)):
            (cls.folder / name).write_bytes(content)
        keys = cls.folder / "keys"
        keys.write_text(f"tests {hashlib.sha256(KEY.encode()).hexdigest()}\n")
        cls.stack = cls.enterClassContext(
            Stack(programs_from_environment(),
                  ["--api_keys_file", str(keys), "--max_queued", "1"], key=KEY))

    def start(self, *tests: str):
        return subprocess.Popen(["node", CLIENT, self.stack.url, KEY, self.folder / "red.png",
                                 self.folder / "mask.png", *tests], stdout=subprocess.PIPE,
                                text=True)

    def test_its_calls_are_answered_as_it_expects(self):
        client = self.start("listModels", "generate", "stream", "edit", "fail")
        told, _ = client.communicate()
        self.assertEqual(client.returncode, 0, told)

    def test_a_full_queue_is_tried_again_until_it_has_room(self):
        self.stack.stop_worker()
        self.stack.fill_queue()
        client = self.start("retry")
        self.assertEqual(client.stdout.readline(), "refused\n")
        self.stack.start_worker()
        told, _ = client.communicate()
        self.assertEqual(client.returncode, 0, told)


if __name__ == "__main__":
    unittest.main()
