"""Draws lines of text as the reader shows them to a recogniser: what was written, cut close, dark on white."""

import functools
import glob
import json
import os
import re

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

EM = 64       # px at which glyphs are drawn
HEIGHT = 48   # px of a line as the network sees it
INK = 38      # px of its ink; the rest is white, as in package reader
STEP = 16     # px; widths are rounded up to it
DEBIAN = '/usr/share/fonts'


class Font:
    """One typeface: a font file, or the files that npm's packages cut one into."""

    def __init__(self, name, files, hand):
        self.name, self.hand = name, hand
        self.files = {}
        for file in files:
            for c in characters(file):
                self.files.setdefault(c, file)

    def has(self, text):
        return all(c == ' ' or c in self.files for c in text)

    @functools.lru_cache(maxsize=4000)
    def glyph(self, c):
        """Ink from 0 to 1, its place from the pen on the base line, and how far the pen moves; None where nothing is drawn."""
        font = opened(self.files[c])
        left, top, right, bottom = font.getbbox(c, anchor='ls')
        if right <= left or bottom <= top:
            return None
        img = Image.new('L', (right - left, bottom - top))
        ImageDraw.Draw(img).text((-left, -top), c, fill=255, font=font, anchor='ls')
        return np.asarray(img), left, top, font.getlength(c)


class Pen:
    """A hand that draws each Chinese character stroke by stroke, and no two alike: what it lacks, it takes from a font.

    folder has a file for each character with the middle lines of its strokes, as npm's hanzi-writer-data has it.
    """

    hand = True

    def __init__(self, name, folder, font, seed):
        self.name, self.font, self.folder = name, font, folder
        self.r = np.random.default_rng(seed)
        self.known = {f[:-5] for f in os.listdir(folder) if len(f) == 6}

    def has(self, text):
        return any(c in self.known for c in text) and all(c in self.known or self.font.has(c) for c in text)

    def take(self):
        """Picks up another pen: how it writes is the same for a line."""
        r = self.r
        self.wild = r.uniform(.3, 1.6)
        self.thick = int(r.integers(2, 5))
        self.joined = r.uniform(0, .5) if r.random() < .5 else 0
        self.slope = r.normal(.03, .05)  # strokes from left to right rise
        self.squeeze = r.uniform(.8, 1.05)

    @functools.lru_cache(maxsize=3000)
    def strokes(self, c):
        with open(os.path.join(self.folder, c + '.json'), encoding='utf8') as f:
            return [np.array(m, np.float32) for m in json.load(f)['medians']]

    def glyph(self, c):
        if c not in self.known:
            return self.font.glyph(c)
        r, pad, scale = self.r, 10, EM / 1024
        img = np.zeros((EM + 2 * pad, EM + 2 * pad), np.uint8)
        shift = r.normal(0, 22 * self.wild, (2, 2))  # of the character's left and right, top and bottom
        end = None
        for points in self.strokes(c):
            points = rounded(self.moved(points, shift), r)
            points = np.stack([points[:, 0], 900 - points[:, 1]], 1) * scale * (self.squeeze, 1) + pad
            if end is not None and r.random() < self.joined and np.linalg.norm(points[0] - end) < .35 * EM:
                points = np.concatenate([end[None], points])
            cv2.polylines(img, [np.round(points * 16).astype(np.int32)], False, 255, self.thick, cv2.LINE_AA, 4)
            end = points[-1]
        return img, -pad, -round(900 * scale) - pad, EM * self.squeeze * 1.02

    def moved(self, points, shift):
        """points of a stroke somewhere else, turned and of another length."""
        r, wild = self.r, self.wild
        middle = points.mean(0)
        turn = r.normal(0, .05 * wild) + self.slope * (abs(np.ptp(points[:, 0])) > abs(np.ptp(points[:, 1])))
        size = 1 + r.normal(0, .07 * wild)
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * size
        whole = np.array([np.interp(middle[0], (100, 900), shift[0]), np.interp(middle[1], (0, 800), shift[1])])
        return (points - middle) @ matrix + middle + r.normal(0, 14 * wild, 2) + whole


def rounded(points, r):
    """points of a stroke without some of those between its ends, as curves through the rest."""
    if len(points) > 2:
        keep = r.random(len(points)) < .75
        keep[[0, -1]] = True
        points = points[keep]
    if len(points) < 3:
        return points
    # Corners are cut (Chaikin, 1974), more or less often.
    for _ in range(int(r.integers(0, 3))):
        a, b = points[:-1], points[1:]
        points = np.concatenate([points[:1], np.stack([.75 * a + .25 * b, .25 * a + .75 * b], 1).reshape(-1, 2), points[-1:]])
    return points


@functools.lru_cache(maxsize=2000)
def opened(file):
    path, _, index = file.partition('#')
    return ImageFont.truetype(path, EM, index=int(index or 0))


def characters(file):
    from fontTools.ttLib import TTFont
    path, _, index = file.partition('#')
    font = TTFont(path, fontNumber=int(index or 0), lazy=True)
    chars = [chr(c) for c in font.getBestCmap() or {}]
    font.close()
    return chars


def fontsource(folder, packages, weights):
    """The typefaces of the npm packages @fontsource/* below folder: name, files."""
    for package in packages:
        for weight in weights:
            files = sorted(glob.glob(os.path.join(folder, '@fontsource', package, 'files', f'{package}-*-{weight}-normal.woff2')))
            # Those named after a script repeat what the numbered ones have.
            numbered = [f for f in files if re.search(r'-\d+-\d+-normal', f)]
            named = [f for f in files if f not in numbered]
            yield from [(f'{package} {weight}', named + numbered)] * bool(files)


class Lines:
    """Draws texts in fonts, spoilt as pens, scanners and faxes spoil them."""

    def __init__(self, fonts, seed):
        self.r = np.random.default_rng(seed)
        self.fonts = fonts

    def chance(self, p):
        return self.r.random() < p

    def font(self, text):
        for _ in range(30):
            font = self.fonts[self.r.integers(len(self.fonts))]
            if font.has(text):
                return font
        return None

    def draw(self, text, font):
        """A picture of text, INK pixels of ink high, or None where a glyph is missing."""
        ink = self.written(text, font)
        if ink is None:
            return None
        ink = self.bent(ink, font.hand)
        return self.shown(self.scanned(ink))

    def written(self, text, font):
        """The glyphs side by side, as a pen or a machine sets them."""
        r = self.r
        if isinstance(font, Pen):
            font.take()
        wild = r.uniform(0, .09) if font.hand else r.uniform(0, .01) * self.chance(.3)
        spacing = r.normal(0, .03) if font.hand else max(-.04, r.normal(.01, .04))
        squeeze = r.uniform(.85, 1.12)
        gap = r.uniform(.18, .6) if font.hand else r.uniform(.22, .5)
        placed, x, y = [], 0., 0.
        for c in text:
            if c == ' ':
                x += gap * EM
                continue
            g = font.glyph(c)
            if g is None:
                return None
            img, left, top, step = g
            size = 1 + r.normal(0, wild) if wild else 1
            w, h = max(1, round(img.shape[1] * size * squeeze)), max(1, round(img.shape[0] * size))
            if (w, h) != (img.shape[1], img.shape[0]):
                img = cv2.resize(img, (w, h), interpolation=cv2.INTER_AREA)
            if wild:
                y = .8 * y + r.normal(0, wild * .5) * EM
            placed.append((img, x + left * size * squeeze, y + top * size))
            x += step * squeeze * (1 + r.normal(0, wild * .5)) + spacing * EM
        if not placed:
            return None
        left, top = min(p[1] for p in placed), min(p[2] for p in placed)
        right, bottom = max(p[1] + p[0].shape[1] for p in placed), max(p[2] + p[0].shape[0] for p in placed)
        pad = 12
        out = np.zeros((int(bottom - top) + 2 * pad + 1, int(right - left) + 2 * pad + 1), np.uint8)
        for img, x, y in placed:
            x, y = int(x - left) + pad, int(y - top) + pad
            part = out[y:y + img.shape[0], x:x + img.shape[1]]
            np.maximum(part, img, out=part)
        return out

    def bent(self, ink, hand):
        """ink with strokes thicker or thinner, slanted, and waved as no font is."""
        r = self.r
        if self.chance(.5):
            n = int(r.integers(1, 4))
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (n, n) if self.chance(.7) else (n, n + 1))
            ink = cv2.dilate(ink, kernel) if self.chance(.75 if hand else .6) else cv2.erode(ink, kernel)
        h, w = ink.shape
        slant = r.normal(0, .12 if hand else .03)
        turn = r.normal(0, .012)
        grid_y, grid_x = np.mgrid[0:h, 0:w].astype(np.float32)
        source_x = grid_x + slant * (grid_y - h / 2)
        source_y = grid_y + turn * (grid_x - w / 2)
        if hand and self.chance(.8):
            for period, strength in ((r.uniform(30, 90), r.uniform(0, 3.2)), (r.uniform(12, 30), r.uniform(0, 1.1))):
                source_x += self.noise(h, w, period) * strength
                source_y += self.noise(h, w, period) * strength
        return cv2.remap(ink, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)

    def noise(self, h, w, period):
        small = self.r.normal(0, 1, (max(2, int(h / period) + 2), max(2, int(w / period) + 2))).astype(np.float32)
        return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)

    def scanned(self, ink):
        """ink in as few pixels as a scan has, with its blur, noise and threshold; and then as gray values, 0 is white."""
        r = self.r
        height = float(np.exp(r.uniform(np.log(13), np.log(52))))  # px of a line
        rows = np.flatnonzero(ink.max(1) > 100)
        scale = height / max(8, len(rows) and rows[-1] - rows[0] + 1)
        coarse = .5 if self.chance(.05) else 1  # a fax in standard resolution
        size = (max(4, round(ink.shape[1] * scale)), max(4, round(ink.shape[0] * scale * coarse)))
        img = cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        if self.chance(.6):
            img = cv2.GaussianBlur(img, (0, 0), r.uniform(.3, 1.1) * min(1.4, height / 24))
        if self.chance(.5):
            img *= 1 + self.noise(*img.shape, r.uniform(4, 40)) * r.uniform(0, .16)  # the pen runs dry
        img = img * r.uniform(.35, 1) + r.normal(0, r.uniform(0, .06), img.shape)
        if self.chance(.3):
            q = int(r.integers(20, 80))
            ok, data = cv2.imencode('.jpg', np.clip(255 - img * 255, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, q])
            img = 1 - cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
        if self.chance(.35):  # black and white, smoothed again by the reader; a fax loses thin strokes
            img = (img > max(.12, img.max() * r.uniform(.2, .7))).astype(np.float32)
            specks = r.random(img.shape)
            img[specks < r.uniform(0, .002)] = 1
            img = cv2.GaussianBlur(img, (0, 0), r.uniform(.4, .8))
        if coarse < 1:
            img = cv2.resize(img, (size[0], round(size[1] / coarse)), interpolation=cv2.INTER_LINEAR)
        return np.clip(img, 0, 1)

    def shown(self, img):
        """img cut close and at the size of a line, dark on white, from 0 to 255."""
        r = self.r
        dark = max(.05, float(np.quantile(img[img > .1], .9)) if (img > .1).any() else 1)
        level = max(.14, .4 * dark)
        rows, columns = np.flatnonzero((img > level).any(1)), np.flatnonzero((img > level).any(0))
        if not len(rows) or not len(columns):
            return None
        img = np.where(cv2.dilate((img > level).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, img, 0)
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        if self.chance(.12):  # cut, or with something of a line above or below
            top, bottom = max(0, top + int(r.integers(-3, 3))), bottom + int(r.integers(-2, 4))
        img = np.clip(img[top:bottom, left:right] / dark, 0, 1)
        if img.size == 0:
            return None
        scale = INK / max(img.shape[0], 8)
        if self.chance(.15):
            scale *= r.uniform(.75, 1.1)
        width = max(3, round(img.shape[1] * scale))
        img = cv2.resize(img, (width, min(HEIGHT, max(3, round(img.shape[0] * scale)))), interpolation=cv2.INTER_AREA if scale < .7 else cv2.INTER_LINEAR)
        pad = 5 if self.chance(.8) else int(r.integers(1, 12))
        wide = -(-(width + 2 * pad) // STEP) * STEP
        out = np.full((HEIGHT, wide), 255, np.uint8)
        y = (HEIGHT - img.shape[0]) // 2
        out[y:y + img.shape[0], pad:pad + width] = (255 - img * 255).astype(np.uint8)
        return out
