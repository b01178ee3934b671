"""What is on an X display, read through libX11: for benchmarks that wait until a window is drawn."""

import ctypes
import ctypes.util
import os
import subprocess
import time
import zlib

_ALL_PLANES = ctypes.c_ulong(~0)
_Z_PIXMAP = 2


class _Image(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "xoffset", "format")),
        ("data", ctypes.POINTER(ctypes.c_char)),
        *(
            (name, ctypes.c_int)
            for name in ("byte_order", "unit", "bit_order", "pad", "depth", "bytes_per_line", "bpp")
        ),
    )


class Screen:
    """A display of its own; `number` must be free."""

    def __init__(self, number: int, width: int = 1600, height: int = 900) -> None:
        self.name, self._size = f":{number}", (width, height)
        command = ["Xvfb", self.name, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        x11.XGetImage.restype = ctypes.POINTER(_Image)
        x11.XGetImage.argtypes = [
            ctypes.c_void_p,
            ctypes.c_ulong,
            *(ctypes.c_int,) * 2,
            *(ctypes.c_uint,) * 2,
            ctypes.c_ulong,
            ctypes.c_int,
        ]
        x11.XDestroyImage.argtypes = [ctypes.POINTER(_Image)]
        self._x11 = x11
        for _ in range(200):
            self._display = x11.XOpenDisplay(self.name.encode())
            if self._display:
                break
            time.sleep(0.02)
        self._root = x11.XDefaultRootWindow(self._display)

    def environment(self) -> dict[str, str]:
        """For a program that shall show itself here."""
        return {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def colours(self, step: int = 31) -> tuple[int, int]:
        """How many different pixels there are (of every `step`th), and a sum that tells one picture from another.

        Only the middle of the screen is read, so that looking takes little from what is looked at.
        """
        width, height = self._size[0] // 2, self._size[1] // 2
        place = (width // 4, height // 4, width, height)
        image = self._x11.XGetImage(self._display, self._root, *place, _ALL_PLANES, _Z_PIXMAP)
        raw = ctypes.string_at(image.contents.data, image.contents.bytes_per_line * height)
        self._x11.XDestroyImage(image)
        words = memoryview(raw).cast("I")[::step]
        return len(set(words.tolist())), zlib.adler32(raw)

    def close(self) -> None:
        """Take the display away."""
        self._server.terminate()
        self._server.wait()
