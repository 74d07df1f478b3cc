"""AUTOMATIC1111's clients against a whole Darkroom with a fake worker: the real webuiapi, and
requests with the fields that SillyTavern, Open WebUI, LibreChat and aiyabot send.

Usage: pip install -r tests/clients/webuiapi_requirements.txt; webuiapi_test.py
Needs redis-server in the PATH, and the programs where stack.programs_from_environment looks.
"""

import base64
import hashlib
import io
import json
import pathlib
import tempfile
import threading
import unittest

import requests
import webuiapi
from PIL import Image

import stack

KEY = "alice's key"


class A1111Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        keys = pathlib.Path(folder) / "keys"
        keys.write_text(f"alice {hashlib.sha256(KEY.encode()).hexdigest()}\n")
        styles = pathlib.Path(folder) / "styles.csv"
        styles.write_text("name,prompt,negative_prompt\nink,ink drawing,colour\n")
        cls.stack = cls.enterClassContext(stack.Stack(
            stack.programs_from_environment(),
            ["--api_keys_file", str(keys), "--allow_anonymous", "--styles", str(styles)], KEY))
        cls.address = cls.stack.url.removeprefix("http://")

    def api(self, steps=2, **more):
        host, port = self.address.split(":")
        return webuiapi.WebUIApi(host=host, port=int(port), steps=steps, **more)

    def post(self, path, body, url="", **more):
        return requests.post((url or self.stack.url) + path, json=body, timeout=120, **more)

    # webuiapi

    def test_webuiapi_makes_pictures(self):
        made = self.api().txt2img(prompt="a red apple", negative_prompt="blurry", seed=1003,
                                  styles=["ink"], cfg_scale=7, width=128, height=128, batch_size=2)
        self.assertEqual([image.size for image in made.images], [(128, 128)] * 2)
        self.assertEqual(made.info["all_seeds"], [1003, 1004])
        self.assertEqual(len(made.info["infotexts"]), 2)
        self.assertIn("ink drawing", made.info["prompt"])
        self.assertIn("Seed: 1003", made.image.info["parameters"])
        self.assertEqual(made.parameters["width"], 128)
        self.assertEqual(made.info["darkroom"]["ignored"], [])

    def test_webuiapi_makes_a_hires_fix(self):
        made = self.api().txt2img(prompt="x", width=64, height=64, enable_hr=True, hr_scale=2,
                                  hr_upscaler=webuiapi.HiResUpscaler.Latent,
                                  hr_second_pass_steps=2, denoising_strength=0.5)
        self.assertEqual(made.image.size, (128, 128))
        self.assertEqual((made.info["width"], made.info["denoising_strength"]), (128, 0.5))

    def test_webuiapi_goes_on_from_a_picture_and_within_a_mask(self):
        api = self.api(sampler="Euler a", scheduler="karras")
        picture = Image.new("RGB", (128, 128), "red")
        made = api.img2img(images=[picture], prompt="x", width=128, height=128,
                           denoising_strength=0.5, cfg_scale=6.5, seed=5)
        self.assertEqual(made.image.size, (128, 128))
        self.assertEqual(made.info["sampler_name"], "Euler a")
        mask = Image.new("L", (128, 128), 0)
        mask.paste(255, (32, 32, 96, 96))
        inpainted = api.img2img(images=[picture], mask_image=mask, inpainting_fill=1, mask_blur=2,
                                inpaint_full_res=False, width=128, height=128, prompt="x")
        self.assertEqual(inpainted.image.size, (128, 128))

    def test_webuiapi_makes_pictures_larger_and_reads_them(self):
        api = self.api()
        picture = Image.new("RGB", (64, 64), "blue")
        larger = api.extra_single_image(image=picture, upscaler_1=webuiapi.Upscaler.Lanczos,
                                        upscaling_resize=1.5)
        self.assertEqual(larger.image.size, (96, 96))
        batch = api.extra_batch_images(images=[picture, picture], upscaling_resize=2)
        self.assertEqual([image.size for image in batch.images], [(128, 128)] * 2)
        made = api.txt2img(prompt="read me", width=64, height=64)
        self.assertIn("read me", api.png_info(made.image).info)
        self.assertEqual(api.png_info(picture).info, "")

    def test_webuiapi_lists_what_there_is(self):
        api = self.api()
        self.assertIn("Euler a", api.util_get_sampler_names())
        self.assertIn("karras", api.util_get_scheduler_names())
        self.assertEqual(len(api.util_get_model_names()), 1)
        self.assertEqual(api.util_get_current_model(), api.util_get_model_names()[0])
        self.assertEqual(api.get_prompt_styles()[0]["name"], "ink")
        self.assertEqual(api.get_upscalers()[0]["name"], "None")
        self.assertIn({"name": "Latent"}, api.get_latent_upscale_modes())
        for empty in (api.get_sd_vae, api.get_hypernetworks, api.get_face_restorers,
                      api.get_realesrgan_models, api.controlnet_model_list,
                      api.controlnet_module_list):
            self.assertEqual(empty(), [])
        self.assertIsInstance(api.get_loras(), list)
        self.assertEqual(set(api.get_embeddings()), {"loaded", "skipped"})
        self.assertEqual(set(api.get_memory()), {"ram", "cuda"})
        self.assertEqual(api.get_scripts(), {"txt2img": [], "img2img": []})
        self.assertTrue(api.get_cmd_flags()["api"])
        self.assertEqual(api.controlnet_version(), 0)
        api.refresh_checkpoints()
        with self.assertRaisesRegex(RuntimeError, "501"):
            api.interrogate(Image.new("RGB", (64, 64)))

    def test_webuiapi_sets_options_of_its_own_key(self):
        api = self.api(username="anyone", password=KEY)
        api.set_options({"CLIP_stop_at_last_layers": 2})
        api.util_set_model(api.util_get_model_names()[0])
        self.assertEqual(api.get_options()["CLIP_stop_at_last_layers"], 2)
        self.assertEqual(self.api().get_options()["CLIP_stop_at_last_layers"], 1)
        self.assertEqual(api.txt2img(prompt="x", width=64, height=64).info["clip_skip"], 2)

    def test_webuiapi_follows_and_interrupts(self):
        api = self.api(username="anyone", password=KEY)
        self.stack.stop_worker()
        self.addCleanup(self.stack.start_worker)
        ended = []
        waiting = threading.Thread(target=lambda: ended.append(self.post(
            "/sdapi/v1/txt2img", {"prompt": "it waits"}, auth=("anyone", KEY))))
        waiting.start()
        stack.until(lambda: api.get_progress()["state"]["job_count"], "the job")
        self.assertEqual(self.api().get_progress()["state"]["job_count"], 0)
        self.api().interrupt()  # somebody else's
        self.assertEqual(api.get_progress()["state"]["job_count"], 1)
        self.assertEqual(api.interrupt(), {})
        waiting.join()
        self.assertEqual(ended[0].status_code, 499)
        api.util_wait_for_ready(check_interval=0.1)
        self.assertEqual(api.skip(), {})

    def test_webuiapi_is_told_what_is_wrong(self):
        with self.assertRaisesRegex(RuntimeError, "422.*cfg_scale"):
            self.api().txt2img(prompt="x", cfg_scale=99)
        with self.assertRaisesRegex(RuntimeError, "401"):
            self.api(username="anyone", password="wrong").txt2img(prompt="x")

    # Others, by what they send and read

    def test_sillytavern(self):
        empty = {"Authorization": "Basic " + base64.b64encode(b":").decode()}
        options = requests.get(self.stack.url + "/sdapi/v1/options", headers=empty, timeout=60)
        self.assertNotIn("forge_preset", options.json())
        for listed in ("upscalers", "latent-upscale-modes", "sd-vae", "samplers", "schedulers",
                       "sd-models"):
            answer = requests.get(f"{self.stack.url}/sdapi/v1/{listed}", headers=empty, timeout=60)
            self.assertIsInstance(answer.json(), list)
        title = options.json()["sd_model_checkpoint"]
        set_model = self.post("/sdapi/v1/options", {"sd_model_checkpoint": title}, headers=empty)
        self.assertEqual(set_model.status_code, 200)
        progress = requests.get(self.stack.url + "/sdapi/v1/progress", headers=empty, timeout=60)
        self.assertEqual(progress.json()["progress"], 0)
        made = self.post("/sdapi/v1/txt2img", {
            "url": self.stack.url, "auth": "me:my secret", "prompt": "x", "negative_prompt": "y",
            "sampler_name": "DPM++ 2M", "scheduler": "Automatic", "steps": 2, "cfg_scale": 7,
            "width": 128, "height": 128, "restore_faces": False, "enable_hr": False,
            "hr_upscaler": "Latent", "hr_scale": 1, "hr_second_pass_steps": 0,
            "denoising_strength": 0.7, "seed": -1, "clip_skip": 1, "save_images": True,
            "send_images": True, "do_not_save_grid": False, "do_not_save_samples": False,
            "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic",
                                  "forge_additional_modules": []},
            "override_settings_restore_afterwards": True}, headers=empty)
        self.assertEqual(made.status_code, 200, made.text)
        self.assertNotIn("my secret", made.text)
        self.assert_png(made.json()["images"][0])

    def test_open_webui(self):
        auth = {"Authorization": "Basic " + base64.b64encode(f"u:{KEY}".encode()).decode()}
        options = requests.get(self.stack.url + "/sdapi/v1/options", headers=auth, timeout=60).json()
        models = requests.get(self.stack.url + "/sdapi/v1/sd-models", headers=auth, timeout=60)
        options["sd_model_checkpoint"] = models.json()[0]["title"]
        self.assertEqual(self.post("/sdapi/v1/options", options, headers=auth).status_code, 200)
        made = self.post("/sdapi/v1/txt2img", {"prompt": "x", "batch_size": 1, "width": 128,
                                               "height": 128, "steps": 2}, headers=auth)
        self.assert_png(made.json()["images"][0])
        json.loads(made.json()["info"])

    def test_librechat_with_a_key_in_the_address(self):
        made = self.post("/sdapi/v1/txt2img",
                         {"prompt": "x", "negative_prompt": "y", "cfg_scale": 4.5, "steps": 22,
                          "width": 128, "height": 128},
                         url=f"{self.stack.url}/token/{requests.utils.quote(KEY)}")
        self.assertEqual(made.status_code, 200, made.text)
        info = json.loads(made.json()["info"])
        self.assertIn("Steps: 22", info["infotexts"][0].splitlines()[-1])
        self.assertEqual((info["width"], info["height"]), (128, 128))
        self.assertIsInstance(info["seed"], int)

    def test_aiyabot(self):
        session = requests.Session()
        get = lambda path: session.get(self.stack.url + path, timeout=60)
        self.assertEqual(get("/sdapi/v1/cmd-flags").status_code, 200)
        self.assertEqual(get("/config").json()["components"], [])
        for listed in ("samplers", "prompt-styles", "face-restorers", "hypernetworks", "upscalers",
                       "sd-models"):
            self.assertIsInstance(get(f"/sdapi/v1/{listed}").json(), list)
        embeddings = get("/sdapi/v1/embeddings").json()
        self.assertTrue(all("shape" in each for each in embeddings["loaded"].values()))
        payload = {"prompt": "x", "negative_prompt": "", "steps": 2, "width": 128, "height": 128,
                   "cfg_scale": "7.0", "sampler_index": "Euler a", "seed": 7,
                   "seed_resize_from_h": 0, "seed_resize_from_w": 0, "denoising_strength": None,
                   "n_iter": 2, "styles": ["None"],
                   "override_settings": {"CLIP_stop_at_last_layers": 1}}
        made = self.post("/sdapi/v1/txt2img", payload)
        self.assertEqual(made.status_code, 200, made.text)
        self.assertEqual(len(made.json()["images"]), 2)
        info = self.post("/sdapi/v1/png-info",
                         {"image": "data:image/png;base64," + made.json()["images"][1]})
        self.assertIn("Seed: 8", info.json()["info"])
        payload |= {"init_images": ["data:image/png;base64," + made.json()["images"][0]],
                    "denoising_strength": "0.75"}
        self.assertEqual(self.post("/sdapi/v1/img2img", payload).status_code, 200)

    def assert_png(self, encoded):
        self.assertEqual(Image.open(io.BytesIO(base64.b64decode(encoded))).format, "PNG")


if __name__ == "__main__":
    unittest.main()
