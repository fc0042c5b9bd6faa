"""Lines of text as people write them into Korean forms. All of it is invented."""

import os
import unicodedata

import numpy as np

from lines import DEBIAN, Font, fontsource
from texts import ASCII, Texts

NAME, LANGUAGES = 'seosik_ko', ['ko']

# What the network can tell apart: the syllables of KS X 1001, the Latin
# letters, digits and signs of a keyboard, and what else stands in forms.
SYLLABLES = [c for c in map(chr, range(0xac00, 0xd7a4)) if len(c.encode('euc-kr', 'ignore')) == 2]
JAMO = [chr(c) for c in range(0x3131, 0x3164)]
SIGNS = list('·※₩℃№㈜㎡㎏㎝㎜～…“”‘’「」『』【】〈〉《》×±÷→←↑↓○●◎□■△▲▽▼◇◆☆★①②③④⑤⑥⑦⑧⑨⑩年月日男女')
ALPHABET = ASCII + SYLLABLES + JAMO + SIGNS

# Held back: what is measured is how a hand is read that was never seen.
UNSEEN = ('gaegu', 'UnPilgi.ttf')
PACKAGES = (
    'black-han-sans', 'cute-font', 'diphylleia', 'do-hyeon', 'dongle', 'east-sea-dokdo', 'gaegu', 'gamja-flower', 'gothic-a1', 'gowun-batang', 'gowun-dodum',
    'grandiflora-one', 'gugi', 'hahmlet', 'hi-melody', 'ibm-plex-sans-kr', 'jua', 'kirang-haerang', 'moirai-one', 'nanum-brush-script', 'nanum-gothic-coding',
    'nanum-pen-script', 'noto-serif-kr', 'orbit', 'poor-story', 'single-day', 'song-myung', 'stylish', 'sunflower', 'yeon-sung',
)
HANDS = (
    'nanum-pen-script', 'nanum-brush-script', 'gaegu', 'hi-melody', 'gamja-flower', 'poor-story', 'east-sea-dokdo', 'single-day', 'kirang-haerang',
    'yeon-sung', 'cute-font', 'dongle', 'grandiflora-one', 'stylish', 'UnPilgi', 'UnPen', 'NanumPen', 'NanumBrush', 'EunjinNakseo', 'NanumBarunpen', 'Bangwool',
)
# Of these fonts others have the same, or letters that nobody writes now.
ODD = ('Eco', 'UnJamo', 'YetHangul', 'UnYetgul')

FAMILY = '김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민진엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은편용'


class Source(Texts):
    """A source of lines."""

    lengths = 8, 12, 16, 24
    domains = '.com', '.co.kr', '.net', '.kr', '.or.kr'

    def __init__(self, rand):
        super().__init__(rand)
        self.korean = korean_words()
        counts = {}
        for word in self.korean:
            for c in word:
                counts[c] = counts.get(c, 0) + 1
        # Rare syllables must be learnt too, and names are full of them.
        self.weights = [counts.get(c, 0) ** .4 + 1 for c in SYLLABLES]
        self.kinds = [
            (22, self.syllables), (16, self.words), (10, self.name), (12, self.address), (6, self.date), (7, self.amount),
            (4, self.phone), (10, self.mixed), (5, self.company), (4, self.latin), (2, self.email), (2, self.signs),
        ]

    def some(self, least, most):
        return ''.join(self.r.choices(SYLLABLES, self.weights, k=self.r.randint(least, most)))

    def syllables(self):
        return ' '.join(self.some(1, 5) for _ in range(self.r.randint(1, 3)))

    def words(self):
        return ' '.join(self.r.choice(self.korean) for _ in range(self.r.randint(1, 4)))

    def name(self):
        return self.r.choice(FAMILY) + (' ' if self.chance(.1) else '') + self.some(1, 2)

    def address(self):
        r = self.r
        parts = [self.some(2, 4) + r.choice(['시', '도', '광역시', '특별시', '군']), self.some(1, 3) + r.choice(['구', '군', '시', '읍', '면', '동'])]
        parts.append(self.some(1, 5) + r.choice(['로', '길', '대로', '동', '리']) + (self.number(40) + r.choice(['길', '번길']) if self.chance(.2) else ''))
        parts.append(self.number(999) + ('-' + self.number(99) if self.chance(.3) else ''))
        if self.chance(.4):
            parts += [self.number(150) + '동', self.number(2500) + '호']
        start = r.randint(0, 2)
        return ' '.join(parts[start:])

    def date(self):
        r = self.r
        y, m, d = str(r.randint(1930, 2035)), r.randint(1, 12), r.randint(1, 31)
        m, d = (('%02d' % m, '%02d' % d) if self.chance(.4) else (str(m), str(d)))
        gap = r.choice(['', ' ', ' '])
        return r.choice([f'{y}년{gap}{m}월{gap}{d}일', f'{y}년{gap}{m}월{gap}{d}일', f'{m}월{gap}{d}일', f'{y}.{m}.{d}', f'{y}. {m}. {d}.', f'{y}-{m}-{d}', f'{y[2:]}/{m}/{d}', f'{m}/{d}', r.choice(['오전', '오후']) + f' {m}시 {d}분'])

    def amount(self):
        r = self.r
        n = f'{r.randint(1, 10 ** r.randint(2, 8)):,}'
        return r.choice([n, n, n + '원', n + '원', '₩' + n, '금 ' + n + '원', n + self.r.choice('개명장부권회세대건호매') if len(n) < 7 else n, n + '.' + self.digits(1, 2), n + '%' if len(n) < 4 else n, n + '만원' if len(n) < 6 else n])

    def phone(self):
        return self.r.choice(['010', '02', '031', '064', '070', '1588']) + self.r.choice('--- ') + self.digits(3, 4) + self.r.choice('--- ') + self.digits(4, 4)

    def company(self):
        s = self.some(2, 5) if self.chance(.6) else self.r.choice(self.korean)
        s += self.r.choice(['', '', '산업', '전자', '은행', '병원', '유통', '상사', '건설', '학교', '의원', '물산', '출판사', '보험', '식품', '테크', '센터'])
        return self.r.choice([s, s, '(주)' + s, s + '(주)', '주식회사 ' + s, s + ' 주식회사', '㈜' + s])

    def mixed(self):
        r = self.r
        word = r.choice(self.korean) if self.chance(.5) else self.some(2, 4)
        unit = r.choice(['mm', 'cm', 'm', 'kg', 'g', 'ml', 'L', 'W', 'V', 'GB', 'TB', 'EA', 'BOX', 'km', 'kW', '㎡', '℃', '%'])
        model = ''.join(r.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=r.randint(1, 3))) + r.choice(['', '', '-']) + self.digits(0, 3)
        n = r.choice([self.digits(1, 4), '0.' + self.digits(1, 2), self.digits(1, 2) + '.' + self.digits(1, 1)])
        gap = r.choice(['', ' ', ' '])
        return r.choice([word + gap + model, word + gap + n + unit, model + gap + word, word + gap + '(' + model + ')', word + '(' + self.some(1, 3) + ')', word + ' ' + n + self.some(1, 1), word + ', ' + self.some(2, 3), word + '/' + self.some(2, 3), r.choice(self.english) + gap + word, word + '-' + n])

    def signs(self):
        return ''.join(self.r.choice(self.r.choice([ASCII, SIGNS, JAMO, SYLLABLES])) for _ in range(self.r.randint(2, 8)))


def korean_words(file='/usr/share/hunspell/ko.dic'):
    """Words of a hunspell dictionary that have only syllables of the alphabet."""
    known = set(SYLLABLES)
    with open(file, encoding='utf8') as f:
        words = {unicodedata.normalize('NFC', line.split('/')[0].strip()) for line in f}
    return sorted(w for w in words if 1 < len(w) < 8 and set(w) <= known)


def fonts(npm, unseen):
    """All typefaces that are held back, or are not: then three lines of five are written by hand."""
    found = list(fontsource(npm, PACKAGES, ('400', '700')))
    for folder in ('truetype/nanum', 'truetype/unfonts-core', 'truetype/unfonts-extra', 'truetype/alee', 'truetype/baekmuk'):
        path = os.path.join(DEBIAN, folder)
        found += [(f, [os.path.join(path, f)]) for f in sorted(os.listdir(path)) if f.endswith('.ttf') and not any(w in f for w in ODD)]
    for style in ('Sans', 'Serif'):
        found += [(f'Noto {style} CJK {w}', [f'{DEBIAN}/opentype/noto/Noto{style}CJK-{w}.ttc#1']) for w in ('Regular', 'Bold')]  # 1 is Korean
    fonts = [Font(name, files, name.startswith(HANDS)) for name, files in found if name.startswith(UNSEEN) == unseen]
    if unseen:
        return fonts
    hands, typed = [f for f in fonts if f.hand], [f for f in fonts if not f.hand]
    return hands * round(3 * len(typed) / (2 * len(hands)) * 4) + typed * 4


def parts(classes):
    """The parts of each class: of a syllable its first consonant, its vowel and what closes it (Unicode, section 3.12)."""
    parts = np.zeros((len(classes) + 1, 19 + 21 + 28), np.float32)
    for c, i in classes.items():
        if '가' <= c <= '힣':
            n = ord(c) - ord('가')
            parts[i, n // 588] = parts[i, 19 + n // 28 % 21] = parts[i, 19 + 21 + n % 28] = 1
    return parts
