"""Lines of text as people write them into Japanese, Taiwanese and English forms. All of it is invented."""

import os
import re

import numpy as np

from lines import DEBIAN, Font, Pen, fontsource
from texts import ASCII, Texts, label

NAME, LANGUAGES = 'seosik_kanji', ['ja', 'zh-TW', 'en']


def coded(codec, rows, cells):
    """The characters of a plane of two bytes each."""
    return [c for row in rows for cell in cells for c in bytes([row, cell]).decode(codec, 'ignore')]


# What the network can tell apart: the characters of JIS X 0208, those of the
# first plane of Big5, the Latin letters, digits and signs of a keyboard, and
# what else stands in forms.
CELLS = range(0xa1, 0xff)
HIRAGANA, KATAKANA = coded('euc_jp', [0xa4], CELLS), coded('euc_jp', [0xa5], CELLS)
COMMON, RARE = coded('euc_jp', range(0xb0, 0xd0), CELLS), coded('euc_jp', range(0xd0, 0xf5), CELLS)
TAIWAN = [c for c in coded('big5', range(0xa4, 0xc7), [*range(0x40, 0x7f), *CELLS]) if '一' <= c <= '鿿']
SIGNS = list('、。，・：；？！゛゜々〆〇ー…‥“”‘’「」『』【】〈〉《》〔〕×±÷→←↑↓○●◎□■△▲▽▼◇◆☆★※〒￥℃№㈱㈲㎡㎏㎝㎜①②③④⑤⑥⑦⑧⑨⑩§°·£€')
ALPHABET = list(dict.fromkeys(ASCII + HIRAGANA + KATAKANA + SIGNS + COMMON + TAIWAN + RARE))
KNOWN = set(ALPHABET)

# Held back: what is measured is how a hand is read that was never seen.
UNSEEN = ('zen-kurenaido', 'kiloji', 'AR PL UKai', 'reenie-beanie', 'patrick-hand')
HANDS = (
    'klee-one', 'yomogi', 'zen-kurenaido', 'yusei-magic', 'hachi-maru-pop', 'kiwi-maru', 'new-tegomin', 'yuji-syuku', 'yuji-boku', 'yuji-mai', 'slackside-one',
    'darumadrop-one', 'iansui', 'ma-shan-zheng', 'long-cang', 'zhi-mang-xing', 'lxgw-wenkai-tc',
    'kiloji', 'seto', 'YOz', 'aoyagi', 'AR PL UKai', 'bkai', 'cwkai', 'TW-Kai',
)
LATIN_HANDS = (
    'caveat', 'kalam', 'patrick-hand', 'indie-flower', 'shadows-into-light', 'architects-daughter', 'homemade-apple', 'reenie-beanie', 'nothing-you-could-do',
    'gloria-hallelujah', 'just-another-hand', 'covered-by-your-grace', 'coming-soon', 'handlee', 'schoolbell', 'neucha', 'gochi-hand', 'delius',
    'permanent-marker', 'rock-salt', 'la-belle-aurore', 'over-the-rainbow', 'waiting-for-the-sunrise', 'cedarville-cursive', 'dawning-of-a-new-day',
    'sue-ellen-francisco', 'short-stack', 'sedgwick-ave', 'mansalva', 'dekko', 'itim', 'annie-use-your-telescope', 'zeyada', 'loved-by-the-king',
    'give-you-glory', 'the-girl-next-door', 'pangolin', 'mali', 'sriracha', 'playpen-sans', 'crafty-girls',
    'dkg.', 'Rufscript', 'SteveHand', 'breipfont', 'BecauseWe',
)
TYPED = (
    'noto-sans-jp', 'noto-serif-jp', 'zen-old-mincho', 'shippori-mincho', 'zen-maru-gothic', 'zen-kaku-gothic-new', 'm-plus-1p', 'm-plus-rounded-1c', 'kosugi',
    'kosugi-maru', 'sawarabi-mincho', 'sawarabi-gothic', 'biz-udgothic', 'biz-udmincho', 'hina-mincho', 'kaisei-opti', 'ibm-plex-sans-jp', 'murecho',
    'zen-antique', 'dotgothic16', 'noto-sans-tc', 'noto-serif-tc', 'cactus-classical-serif', 'chocolate-classical-sans', 'huninn', 'noto-sans-hk',
    'roboto', 'open-sans', 'lato', 'courier-prime', 'ibm-plex-mono', 'inconsolata', 'source-serif-4', 'eb-garamond', 'special-elite', 'cutive-mono',
    'share-tech-mono', 'libre-baskerville', 'roboto-mono', 'roboto-slab', 'nunito', 'pt-serif',
)
FILES = (
    'kiloji/kiloji', 'kiloji/kiloji_d', 'seto/setofont', 'yozvox-yozfont/YOzRS_', 'yozvox-yozfont/YOzRS_i', 'aoyagi-soseki/aoyagi-soseki', 'arphic-bkai00mp/bkai00mp',
    'arphic-bsmi00lp/bsmi00lp', 'cwtex/cwkai', 'cwtex/cwming', 'cns11643/TW-Kai-98_1', 'cns11643/TW-Sung-98_1', 'vlgothic/VL-Gothic-Regular',
    'fifthhorseman/dkg', 'rufscript/Rufscript010', 'sjfonts/SteveHand', 'breip/breipfont', 'dejavu/DejaVuSans', 'dejavu/DejaVuSerif', 'dejavu/DejaVuSansMono',
    'liberation/LiberationSans-Regular', 'liberation/LiberationSerif-Regular', 'liberation/LiberationMono-Regular', 'liberation/LiberationSansNarrow-Regular',
)

TAIWANESE = '陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬阮董唐溫藍蔣石古紀姚連馮歐程湯黃田康姜白汪尤鄒巫鐘龔嚴韓黎阮袁金童陸夏柳邵錢伍倪'
ERAS = '令和', '平成', '昭和', '大正'


class Source(Texts):
    """A source of lines."""

    lengths = 5, 8, 10, 12, 16, 20
    domains = '.com', '.co.jp', '.ne.jp', '.com.tw', '.org', '.net', '.jp', '.tw', '.edu'

    def __init__(self, rand):
        super().__init__(rand)
        self.japanese = skk('L', 'geo', 'station')
        self.names = skk('fullname', 'jinmei')
        self.places = skk('zipcode')
        self.offices = [part for line in skk('office.zipcode', most=60) for part in line.split(' @ ')]
        self.chinese = chewing()
        self.roads = [w for w in self.chinese if w[-1] in '路街' and len(w) < 5]
        self.districts = [w for w in self.chinese if w[-1] in '市縣區鄉鎮村里' and len(w) < 5]
        self.jis = self.weights(COMMON + RARE, self.japanese)
        self.big5 = self.weights(TAIWAN, self.chinese)
        self.kinds = [
            (9, self.jis_characters), (8, self.big5_characters), (7, self.words), (6, self.kana), (6, self.katakana), (6, self.japanese_name),
            (7, self.japanese_address), (3, self.office), (8, self.phrase), (6, self.taiwanese_name), (6, self.taiwanese_address), (2, self.company),
            (4, self.date), (3, self.taiwanese_date), (4, self.amount), (4, self.phone), (4, self.mixed), (3, self.signs),
            (7, self.latin), (6, self.person), (6, self.street), (4, self.english_date), (3, self.dollars), (4, self.code), (3, self.email),
        ]

    def weights(self, characters, words):
        """How often each character is drawn: rare ones must be learnt too, and names are full of them."""
        counts = {}
        for word in words:
            for c in word:
                counts[c] = counts.get(c, 0) + 1
        return characters, [counts.get(c, 0) ** .4 + (1 if c in counts else .3) for c in characters]

    def some(self, source, least, most):
        characters, weights = source
        return ''.join(self.r.choices(characters, weights, k=self.r.randint(least, most)))

    def line(self):
        text = super().line()
        if self.chance(.04):  # all in full width, as machines of banks print
            text = ''.join(chr(ord(c) + 0xfee0) if '!' <= c <= '~' else c for c in text)
        return text

    def jis_characters(self):
        return self.some(self.jis, 2, 8)

    def big5_characters(self):
        return self.some(self.big5, 2, 8)

    def words(self):
        return ''.join(self.r.choice(self.japanese) + self.r.choice(['', '', 'の', 'を', 'に', 'と', '・', '、']) for _ in range(self.r.randint(1, 3)))

    def kana(self):
        return ''.join(self.r.choice(HIRAGANA if self.chance(.9) else KATAKANA) for _ in range(self.r.randint(2, 8)))

    def katakana(self):
        space = self.r.choice(['', ' ', '　'])
        return space.join(''.join(self.r.choice(KATAKANA + ['ー', 'ン']) for _ in range(self.r.randint(2, 6))) for _ in range(self.r.randint(1, 2)))

    def japanese_name(self):
        name = self.r.choice(self.names)
        if self.chance(.4):
            name = name[:self.r.randint(1, 3)] + self.r.choice([' ', '　', '']) + self.some(self.jis, 1, 2) + self.r.choice(['', '', '子', '美', '郎', '男', '一'])
        return name

    def japanese_address(self):
        r = self.r
        place = r.choice(self.places)
        place = place[r.choice([0, 0, 2, 3, 5]):]
        n = '-'.join(self.number(30) for _ in range(r.randint(1, 3)))
        n = r.choice([n, n, f'{self.number(9)}丁目{self.number(40)}番{self.number(30)}号', f'{self.number(9)}丁目{n}', f'{self.number(2000)}番地'])
        house = r.choice(['', '', ''.join(r.choices(KATAKANA, k=r.randint(2, 5))) + r.choice(['ビル', 'マンション', 'ハイツ', 'コーポ', '荘']) + self.number(12) + self.digits(0, 2) + r.choice(['', '号室', 'F', '階'])])
        return (place + n + house)[r.choice([0, 0, 4, 8]):]

    def office(self):
        s = self.r.choice(self.offices)
        return s[self.r.choice([0, 0, 3]):] if self.chance(.7) else self.r.choice(['株式会社', '㈱', '(株)', '有限会社']) + self.some(self.jis, 2, 4)

    def phrase(self):
        return ''.join(self.r.choice(self.chinese) for _ in range(self.r.randint(1, 3)))

    def taiwanese_name(self):
        return self.r.choice(TAIWANESE) + self.some(self.big5, 1, 2)

    def taiwanese_address(self):
        r = self.r
        parts = [r.choice(self.districts) if self.chance(.5) else self.some(self.big5, 2, 2) + r.choice('市縣'), r.choice(self.districts) if self.chance(.4) else self.some(self.big5, 1, 2) + r.choice('區鄉鎮市')]
        parts.append((r.choice(self.roads) if self.chance(.5) else self.some(self.big5, 2, 2) + r.choice(['路', '街', '大道'])) + r.choice(['', '', '一段', '二段', '三段', '四段', self.number(9) + '段']))
        parts += [self.number(400) + '巷' if self.chance(.3) else '', self.number(99) + '弄' if self.chance(.15) else '', self.number(600) + r.choice(['號', '號', '號之' + self.number(9)])]
        parts.append(self.number(20) + r.choice(['樓', 'F', '樓之' + self.number(9)]) if self.chance(.4) else '')
        return ''.join(parts[r.choice([0, 0, 1, 2]):])

    def company(self):
        return (self.r.choice(self.chinese) if self.chance(.5) else self.some(self.big5, 2, 4)) + self.r.choice(['股份有限公司', '有限公司', '商行', '企業社', '大學', '銀行', '國小', '事務所'])

    def date(self):
        r = self.r
        m, d = r.randint(1, 12), r.randint(1, 31)
        year = r.choice([r.choice(ERAS) + r.choice([self.number(64), '元']), self.year()])
        return r.choice([f'{year}年{m}月{d}日', f'{year}年{m}月{d}日', f'{year} 年 {m} 月 {d} 日', f'{self.year()}/{m}/{d}', f'{self.year()}.{m:02}.{d:02}', f'{m}月{d}日', f'{r.choice("RHS")}{self.number(64)}.{m}.{d}', f'{r.choice(["午前", "午後"])}{m}時{self.number(59)}分'])

    def taiwanese_date(self):
        r = self.r
        y, m, d = self.number(120), r.randint(1, 12), r.randint(1, 31)
        return r.choice([f'中華民國{y}年{m}月{d}日', f'民國{y}年{m}月{d}日', f'{y}年{m}月{d}日', f'{y}/{m:02}/{d:02}', f'{y}.{m}.{d}', r.choice(['上午', '下午']) + f'{m}時{self.number(59)}分'])

    def year(self):
        return str(self.r.randint(1920, 2040))

    def amount(self):
        n = f'{self.r.randint(1, 10 ** self.r.randint(2, 8)):,}'
        return self.r.choice([n, '¥' * (self.chance(.5)) + n, n + '円', n + '元', 'NT$' + n, 'NT$ ' + n, '金' + n + '円也', n + self.r.choice('個名部件人枚台本箱張份位年月歳歲'), '￥' + n + '-', n + '.' + self.digits(1, 2)]).replace('¥', '￥')

    def phone(self):
        r = self.r
        return r.choice([f'0{self.digits(1, 3)}-{self.digits(2, 4)}-{self.digits(4, 4)}', f'09{self.digits(2, 2)}-{self.digits(3, 3)}-{self.digits(3, 3)}', f'0{self.digits(9, 10)}', f'({self.digits(2, 3)}) {self.digits(3, 4)}-{self.digits(4, 4)}', f'〒{self.digits(3, 3)}-{self.digits(4, 4)}'])

    def mixed(self):
        r = self.r
        word = r.choice([r.choice(self.japanese), r.choice(self.chinese), ''.join(r.choices(KATAKANA, k=r.randint(2, 5)))])
        other = r.choice([r.choice(self.english), r.choice(self.english).upper(), self.digits(1, 4), ''.join(r.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=r.randint(1, 3))) + self.digits(0, 3)])
        return r.choice([word + other, other + word, word + '(' + other + ')', word + '（' + r.choice(self.japanese) + '）', word + '・' + r.choice(self.japanese), word + '/' + other, word + ' ' + other])

    def signs(self):
        return ''.join(self.r.choice(self.r.choice([ASCII, SIGNS, KATAKANA, HIRAGANA, COMMON, TAIWAN])) for _ in range(self.r.randint(2, 7)))

    def word(self):
        return self.r.choice(self.english).capitalize()

    def person(self):
        r = self.r
        return r.choice([f'{self.word()} {self.word()}', f'{self.word()} {self.word()}', f'{self.word()} {chr(r.randint(65, 90))}. {self.word()}', f'{self.word()}, {self.word()}', f'{r.choice("JRDM")}r. {self.word()}'])

    def street(self):
        r = self.r
        state = ''.join(r.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=2))
        return r.choice([
            f'{self.number(9999)} {self.word()} {r.choice(["Street", "St", "St.", "Road", "Rd", "Avenue", "Ave", "Lane", "Blvd", "Drive", "Way", "Court"])}', f'{self.word()}, {state} {self.digits(5, 5)}',
            f'{self.word()} {state} {self.digits(5, 5)}', f'{r.choice(["Apt", "Apt.", "Unit", "Suite", "No."])} {self.digits(1, 3)}', f'P.O. Box {self.digits(2, 4)}',
            f'{self.number(99)}{r.choice(["st", "nd", "rd", "th"])} {r.choice(["Street", "Avenue", "Floor"])}'])[:24]

    def english_date(self):
        r = self.r
        m, d = r.randint(1, 12), r.randint(1, 31)
        month = r.choice(['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'])
        return r.choice([f'{m:02}/{d:02}/{self.year()}', f'{m:02}/{d:02}/{self.year()}', f'{m}/{d}/{self.year()[2:]}', f'{month[:3]} {d}, {self.year()}', f'{d} {month} {self.year()}', f'{self.year()}-{m:02}-{d:02}', f'{m:02}-{d:02}-{self.year()}'])

    def dollars(self):
        n = f'{self.r.randint(1, 10 ** self.r.randint(2, 7)):,}'
        return self.r.choice([f'${n}.{self.digits(2, 2)}', f'${n}', f'{n}.{self.digits(2, 2)}', f'{self.digits(1, 2)}.{self.digits(1, 2)}%', f'{self.digits(3, 7)}', f'{self.digits(3, 3)}-{self.digits(2, 2)}-{self.digits(4, 4)}'])

    def code(self):
        letters = ''.join(self.r.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ', k=self.r.randint(1, 3)))
        return self.r.choice([letters[:1] + self.digits(9, 9), letters + self.digits(2, 7), letters + '-' + self.digits(2, 6), self.digits(2, 3) + letters + self.digits(2, 3), self.digits(6, 12)])


def skk(*names, most=16):
    """Words of the dictionaries of SKK that have only characters of the alphabet."""
    words = set()
    for name in names:
        with open('/usr/share/skk/SKK-JISYO.' + name, encoding='euc_jp', errors='ignore') as f:
            for line in f:
                if line.startswith(';') or ' /' not in line:
                    continue
                for word in line.split(' /', 1)[1].strip().strip('/').split('/'):
                    words.add(word.split(';')[0].replace('−', '－'))
    return sorted(w for w in words if 0 < len(w) <= most and set(label(w)) <= KNOWN | {' '} and '#' not in w)


def chewing(file='/usr/share/libchewing/dictionary.dat'):
    """The phrases of an input method of Taiwan."""
    with open(file, 'rb') as f:
        words = re.findall('[一-鿿]{2,8}', f.read().decode('utf8', 'ignore'))
    return sorted({w for w in words if set(w) <= KNOWN})


def fonts(npm, unseen):
    """All typefaces that are held back, or are not, and then pens too."""
    found = list(fontsource(npm, HANDS + LATIN_HANDS + TYPED, ('400',)))
    found += [(os.path.basename(f), [f'{DEBIAN}/truetype/{f}.ttf']) for f in FILES]
    found += [(f, [f'{DEBIAN}/opentype/{f}']) for f in ('ipaexfont-gothic/ipaexg.ttf', 'ipaexfont-mincho/ipaexm.ttf', 'bwht/BecauseWeBuild-Regular.otf', 'bwht/BecauseWeLearn-Regular.otf')]
    # Of the faces of a collection, 0 is Japanese and 3 that of Taiwan; of Arphic's, 2.
    found += [(f'Noto {style} CJK {i} {w}', [f'{DEBIAN}/opentype/noto/Noto{style}CJK-{w}.ttc#{i}']) for style in ('Sans', 'Serif') for i in (0, 3) for w in ('Regular', 'Bold')]
    found += [(f'AR PL {name} {i}', [f'{DEBIAN}/truetype/arphic/{name.lower()}.ttc#{i}']) for name in ('UKai', 'UMing') for i in (2,)]
    fonts = [Font(name, files, os.path.basename(name).startswith(HANDS + LATIN_HANDS)) for name, files in found if name.startswith(UNSEEN) == unseen]
    pens = [f for f in fonts if f.hand and f.has('0Aあ')]
    strokes = os.path.join(npm, 'hanzi-writer-data')
    return fonts + [Pen('pen ' + f.name, strokes, f, i) for i, f in enumerate(pens)] * (0 if unseen else 2)


def parts(classes):
    """No class has parts: what Chinese characters are made of no file here says."""
    return np.zeros((len(classes) + 1, 1), np.float32)
