"""OpenAI's client for Python (requirements.txt) against a whole Darkroom, as its users use it.

Usage: DARKROOM_BIN=build/release/bin python -m unittest discover -s tests/clients -p openai_test.py
"""

import base64
import hashlib
import io
import pathlib
import tempfile
import threading
import unittest
from concurrent import futures

import openai

from pictures import HALF_TRANSPARENT, RED, size_of
from stack import PATIENCE_SECONDS, Stack, programs_from_environment

KEY = "a key of the tests"


class OpenAiClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        keys = pathlib.Path(folder) / "keys"
        keys.write_text(f"tests {hashlib.sha256(KEY.encode()).hexdigest()}\n")
        cls.stack = cls.enterClassContext(
            Stack(programs_from_environment(),
                  ["--api_keys_file", str(keys), "--max_queued", "1"], key=KEY))
        cls.client = openai.OpenAI(base_url=f"{cls.stack.url}/v1", api_key=KEY)

    def test_models_are_listed_and_found(self):
        models = list(self.client.models.list())
        self.assertEqual([model.id for model in models], ["fake"])
        found = self.client.models.retrieve("fake")
        self.assertEqual((found.id, found.object, found.owned_by), ("fake", "model", "darkroom"))

    def test_pictures_are_generated(self):
        answer = self.client.images.generate(model="gpt-image-1", prompt="a red apple", n=2,
                                             size="128x64", quality="low", user="someone")
        self.assertEqual(len(answer.data), 2)
        self.assertEqual((answer.size, answer.quality), ("128x64", "low"))
        self.assertEqual(answer.usage.total_tokens, 0)
        for image in answer.data:
            self.assertEqual(size_of(base64.b64decode(image.b64_json)), (128, 64))
        self.assertNotEqual(answer.data[0].b64_json, answer.data[1].b64_json)

    def test_a_stream_has_partial_images_and_then_the_picture(self):
        *partial, last = self.client.images.generate(
            model="gpt-image-1", prompt="a red apple", stream=True, partial_images=2,
            size="128x128")
        self.assertGreaterEqual(len(partial), 1)
        for index, event in enumerate(partial):
            self.assertEqual(event.type, "image_generation.partial_image")
            self.assertEqual(event.partial_image_index, index)
            self.assertTrue(base64.b64decode(event.b64_json).startswith(b"\xff\xd8"))
        self.assertEqual(last.type, "image_generation.completed")
        self.assertEqual(size_of(base64.b64decode(last.b64_json)), (128, 128))
        self.assertEqual(last.usage.total_tokens, 0)

    def test_pictures_are_edited_and_varied(self):
        edited = self.client.images.edit(model="gpt-image-1", prompt="a hat",
                                         image=("red.png", RED), mask=("mask.png", HALF_TRANSPARENT))
        self.assertEqual(size_of(base64.b64decode(edited.data[0].b64_json)), (128, 128))
        listed = self.client.images.edit(prompt="a hat", image=[("red.png", RED)])
        self.assertEqual(len(listed.data), 1)
        stream = self.client.images.edit(prompt="a hat", image=io.BytesIO(RED), stream=True)
        self.assertEqual([event.type for event in stream], ["image_edit.completed"])
        varied = self.client.images.create_variation(image=("red.png", RED), n=2, size="128x128",
                                                     response_format="b64_json")
        self.assertEqual(len(varied.data), 2)

    def test_errors_say_which_parameter_is_wrong(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.images.generate(prompt="x", size="99x99")
        self.assertEqual(caught.exception.param, "size")
        self.assertEqual(caught.exception.code, "invalid_request")
        with self.assertRaises(openai.AuthenticationError) as caught:
            self.client.with_options(api_key="no such key").images.generate(prompt="x")
        self.assertEqual(caught.exception.code, "invalid_api_key")

    def test_a_full_queue_is_tried_again_until_it_has_room(self):
        self.stack.stop_worker()
        self.stack.fill_queue()
        refused = threading.Event()

        def note(response):
            if response.status_code == 429:
                refused.set()

        patient = openai.OpenAI(
            base_url=f"{self.stack.url}/v1", api_key=KEY, max_retries=100,
            http_client=openai.DefaultHttpxClient(event_hooks={"response": [note]}))
        with futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(patient.images.generate, prompt="patient")
            self.assertTrue(refused.wait(PATIENCE_SECONDS))
            self.stack.start_worker()
            self.assertEqual(len(answer.result().data), 1)


if __name__ == "__main__":
    unittest.main()
