"""PNGs of at most 240 colors, a third as large: the colors of a page fit into a palette."""

import base64
import struct
import zlib

from playwright.sync_api import Page

# The browser decodes its own picture. The most common colors stay, and each other one becomes the
# nearest of these.
_COUNT = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const many = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const color = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    many.set(color, (many.get(color) ?? 0) + 1);
  }
  const commonest = [...many].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const colors = commonest.slice(0, 240).map(([color]) => color);
  const parts = (color) => [color >> 16, (color >> 8) & 255, color & 255];
  const away = (a, b) => parts(a).reduce((sum, part, at) => sum + (part - parts(b)[at]) ** 2, 0);
  const place = new Map(colors.map((color, at) => [color, at]));
  for (const color of many.keys()) {
    if (place.has(color)) continue;
    let best = 0;
    colors.forEach((one, at) => { if (away(one, color) < away(colors[best], color)) best = at; });
    place.set(color, best);
  }
  let text = "";
  for (let at = 0; at < data.length; at += 4) {
    text += String.fromCharCode(
      place.get((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]));
  }
  return { width, height, colors, pixels: btoa(text) };
}"""


def reduce(blank: Page, png: bytes) -> bytes:
    """Return the same picture with a palette; `blank` is any page."""
    found = blank.evaluate(_COUNT, base64.b64encode(png).decode())
    width, height, pixels = found["width"], found["height"], base64.b64decode(found["pixels"])
    # Each line unfiltered, which suits a palette best: RFC 2083, section 9.6.
    lines = b"".join(b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(color.to_bytes(3, "big") for color in found["colors"])),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )
