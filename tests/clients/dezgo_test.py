"""The calls that public clients of Dezgo make, against a whole Darkroom: JSON, forms and multipart,
with the fields and headers that they send, and what they read of the answers.

Usage: DARKROOM_BIN=build/release/bin python -m unittest discover -s tests/clients -p dezgo_test.py
"""

import base64
import json
import unittest
import urllib.error
import urllib.parse
import urllib.request

from pictures import HALF_TRANSPARENT, RED, size_of
from stack import Stack, programs_from_environment

BOUNDARY = "----the-boundary-of-a-form"


def multipart(fields: dict) -> tuple[str, bytes]:
    """Content-Type and body; bytes are files."""
    body = b""
    for name, value in fields.items():
        is_file = isinstance(value, bytes)
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        body += b'; filename="a.png"\r\nContent-Type: image/png' if is_file else b""
        body += b"\r\n\r\n" + (value if is_file else str(value).encode()) + b"\r\n"
    return f"multipart/form-data; boundary={BOUNDARY}", body + f"--{BOUNDARY}--\r\n".encode()


class DezgoClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(
            Stack(programs_from_environment(), ["--model_aliases", "realistic_vision_*,absolute_reality_*"]))

    def send(self, path: str, content_type: str, body: bytes, method="POST"):
        asked = urllib.request.Request(self.stack.url + path, body, {"Content-Type": content_type},
                                       method=method)
        with urllib.request.urlopen(asked) as answer:
            return answer.headers, answer.read()

    def test_json_is_answered_with_a_picture_and_its_seed(self):
        headers, picture = self.send("/text2image", "application/json", json.dumps({
            "prompt": "a red apple", "negative_prompt": "a pear", "model": "realistic_vision_5_1",
            "sampler": "dpmpp_2m_karras", "steps": 10, "guidance": 7, "seed": "1234", "width": 128,
            "height": 64, "format": "png"}).encode())
        self.assertEqual(headers["Content-Type"], "image/png")
        self.assertEqual(size_of(picture), (128, 64))
        self.assertEqual(headers["x-input-seed"], "1234")
        self.assertRegex(headers["x-dezgo-job-id"], "^[0-9a-f]{32}$")
        self.assertEqual(float(headers["x-dezgo-job-amount-usd"]), 0)
        self.assertEqual(float(headers["x-dezgo-balance-total-usd"]), 0)

    def test_the_same_seed_shows_the_same_however_it_is_sent(self):
        fields = {"prompt": "a red apple", "seed": "7", "sampler": "euler_a", "width": "64",
                  "height": "64", "lora1": "", "lora1_strength": ".7", "upscale": "1"}
        _, form = self.send("/text2image_sdxl", "application/x-www-form-urlencoded",
                            urllib.parse.urlencode(fields).encode())
        _, parts = self.send("/text2image_sdxl_lightning", *multipart(fields))
        _, text = self.send("/text2image", "application/json", json.dumps(fields).encode())
        self.assertEqual(form, parts)
        self.assertEqual(form, text)

    def test_a_drawn_seed_can_be_used_again(self):
        ask = {"prompt": "a red apple", "width": 64, "height": 64, "seed": ""}
        headers, first = self.send("/text2image", "application/json", json.dumps(ask).encode())
        ask["seed"] = int(headers["x-input-seed"])
        _, again = self.send("/text2image", "application/json", json.dumps(ask).encode())
        self.assertEqual(first, again)

    def test_pictures_are_changed_inpainted_and_enlarged(self):
        _, changed = self.send("/image2image", *multipart(
            {"prompt": "a pear", "init_image": RED, "strength": 0.97, "seed": 2942950965}))
        self.assertEqual(size_of(changed), (128, 128))
        _, inpainted = self.send("/inpainting", *multipart(
            {"prompt": "a pear", "init_image": RED, "mask_image": HALF_TRANSPARENT,
             "model": "absolute_reality_1_8_1_inpaint", "format": "png"}))
        self.assertEqual(size_of(inpainted), (128, 128))
        _, enlarged = self.send("/upscale", "application/json", json.dumps(
            {"image": base64.b64encode(RED).decode()}).encode())
        self.assertEqual(size_of(enlarged), (256, 256))

    def test_models_are_found_by_what_they_can_do(self):
        for body in (None, b'{"some clients": "send one"}'):
            _, told = self.send("/info", "application/json", body, method="GET")
            usable = [model["id"] for model in json.loads(told)["models"]
                      if "text2image" in model["functions"]]
            self.assertEqual(usable, ["fake"])
        _, told = self.send("/account/tx/last", "application/json", None, method="GET")
        self.assertEqual(json.loads(told)["balance"], 0)

    def test_errors_are_statuses_with_a_text(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.send("/text2image", "application/json", b'{"prompt": "x", "guidance": 90}')
        self.assertEqual(caught.exception.code, 400)
        self.assertIn("guidance", json.loads(caught.exception.read())["message"])


if __name__ == "__main__":
    unittest.main()
