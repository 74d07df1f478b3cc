"""Writes picture files of every kind that is taken, and expected.txt: what AUTOMATIC1111 makes of them.

Developer-only: needs numpy, Pillow and a checkout of AUTOMATIC1111's webui, of which nothing is
committed here. Its images.fix_image, flatten and resize_image are run as they are.

    python make_picture_goldens.py WEBUI

Its upscalers without a network are, too, as hires fix calls them.

A line of expected.txt is: decode FILE WIDTH HEIGHT SHA256, or: MODE FILE WIDTH HEIGHT SHA256, where
a mode may be an upscaler; the digest is of the RGB rows.
"""

import argparse
import ast
import hashlib
import os
import pathlib
import types
from unittest import mock

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
MODES = ("stretch", "crop", "fill")
UPSCALERS = ("None", "Lanczos", "Nearest")
# Of 37 x 23: whole and broken multiples, in and out of proportion, one side smaller, all smaller.
UPSCALED = ((74, 46), (111, 69), (64, 64), (48, 29), (53, 40), (200, 30), (39, 24), (30, 80),
            (20, 12))
SIZES = ((24, 16), (16, 24), (64, 64), (8, 40), (40, 8), (37, 23))


def resize_across_then_down(self, size, resample=None, box=None, resize=Image.Image.resize):
    """As the Pillow does that the webui pins; newer ones go down first where that is less work."""
    if box is not None:
        return resize(self, size, resample, box)
    return resize(resize(self, (size[0], self.height), resample), size, resample)


def webui_images(checkout):
    """The functions of modules/images.py that are needed, without the module's imports."""
    names = {"flatten", "fix_image", "fix_png_transparency", "resize_image"}
    tree = ast.parse((checkout / "modules" / "images.py").read_text())
    functions = [node for node in tree.body if getattr(node, "name", "") in names]
    for function in functions:  # annotations name modules that are not here
        for argument in function.args.args:
            argument.annotation = None
        function.returns = None
    scope = {"Image": Image, "ImageOps": ImageOps, "LANCZOS": Image.Resampling.LANCZOS,
             "shared": types.SimpleNamespace(sd_upscalers=webui_upscalers(checkout)),
             "opts": types.SimpleNamespace(upscaler_for_img2img="None")}
    exec(compile(ast.Module(functions, []), "images", "exec"), scope)
    return types.SimpleNamespace(**{name: scope[name] for name in names})


def webui_upscalers(checkout):
    """modules/upscaler.py without its imports."""
    classes = [node for node in ast.parse((checkout / "modules" / "upscaler.py").read_text()).body
               if isinstance(node, ast.ClassDef)]
    scope = {"Image": Image, "PIL": mock.MagicMock(), "modules": mock.MagicMock(), "os": os,
             "shared": mock.MagicMock(models_path="", state=mock.MagicMock(interrupted=False)),
             "abstractmethod": lambda function: function, "LANCZOS": Image.Resampling.LANCZOS,
             "NEAREST": Image.Resampling.NEAREST}
    exec(compile(ast.Module(classes, []), "upscaler", "exec"), scope)
    return [scaler for name in UPSCALERS for scaler in scope[f"Upscaler{name}"]().scalers]


def photo(width=37, height=23):
    """Smooth and with edges, every channel another."""
    y, x = np.mgrid[0:height, 0:width]
    red = 127 + 120 * np.sin(x / 5.0)
    green = 255 * ((x // 6 + y // 4) % 2)
    blue = 255 * y / height
    return Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8), "RGB")


def with_alpha(image):
    alpha = np.linspace(0, 255, image.width * image.height).astype(np.uint8)
    image = image.convert("RGBA")
    image.putalpha(Image.fromarray(alpha.reshape(image.height, image.width), "L"))
    return image


def write_files():
    image = photo()
    image.save(HERE / "rgb.png")
    with_alpha(image).save(HERE / "rgba.png")
    image.convert("L").save(HERE / "grey.png")
    image.quantize(16).save(HERE / "palette.png")
    transparent = image.quantize(16)
    transparent.save(HERE / "palette_alpha.png", transparency=bytes(range(0, 256, 16)))
    image.save(HERE / "baseline.jpg", quality=90)
    image.save(HERE / "progressive.jpg", quality=80, progressive=True, subsampling=2)
    image.convert("L").save(HERE / "grey.jpg")
    image.save(HERE / "lossy.webp", quality=80)
    image.save(HERE / "lossless.webp", lossless=True)
    with_alpha(image).save(HERE / "rgba.webp", lossless=True, exact=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        image.save(HERE / f"turned_{orientation}.jpg", quality=90, exif=exif)
    exif[0x0112] = 6
    image.save(HERE / "turned.png", exif=exif)
    image.save(HERE / "turned.webp", lossless=True, exif=exif)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    images = webui_images(parser.parse_args().webui)
    Image.Image.resize = resize_across_then_down
    write_files()
    lines = []

    def add(kind, path, image):
        digest = hashlib.sha256(np.asarray(image).tobytes()).hexdigest()
        lines.append(f"{kind} {path.name} {image.width} {image.height} {digest}")

    files = [path for path in sorted(HERE.iterdir()) if path.suffix in (".png", ".jpg", ".webp")]
    for path in files:
        image = images.flatten(images.fix_image(Image.open(path)), "#ffffff")
        add("decode", path, image)
        if path.name == "rgb.png":
            for mode, name in enumerate(MODES):
                for size in SIZES:
                    add(name, path, images.resize_image(mode, image, *size))
            for name in UPSCALERS:
                for size in UPSCALED:
                    add(name, path, images.resize_image(0, image, *size, upscaler_name=name))
    (HERE / "expected.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(files)} files, {len(lines)} expectations")


if __name__ == "__main__":
    main()
