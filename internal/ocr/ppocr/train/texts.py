"""What lines in forms of all languages have in common. All of it is invented."""

ASCII = [chr(c) for c in range(33, 127)]
# Letters and digits as wide as Chinese characters are read as the usual ones.
NARROW = {c + 0xfee0: c for c in range(33, 127)} | {0x3000: 0x20}


def label(text):
    """What is to be read where text is written."""
    return text.translate(NARROW)


class Texts:
    """A source of lines; a language adds kinds of lines with their weights, and the lengths at which they are cut."""

    kinds, lengths = [], ()

    def __init__(self, rand):
        self.r = rand
        self.english = english_words()

    def line(self):
        kinds = [k for _, k in self.kinds]
        return self.r.choices(kinds, [w for w, _ in self.kinds])[0]()[:self.r.choice(self.lengths)].strip()

    def chance(self, p):
        return self.r.random() < p

    def digits(self, least, most):
        return ''.join(self.r.choices('0123456789', k=self.r.randint(least, most)))

    def number(self, most):
        return str(self.r.randint(1, most))

    def latin(self):
        word = self.r.choice(self.english)
        return self.r.choice([word, word.capitalize(), word.upper(), word.capitalize() + ' ' + self.r.choice(self.english).capitalize()])

    def email(self):
        name = self.r.choice(self.english).lower() + self.r.choice(['', '_', '.', self.digits(1, 4)]) + self.r.choice(['', self.r.choice(self.english).lower()])
        return name[:14] + '@' + self.r.choice(self.english).lower()[:8] + self.r.choice(self.domains)


def english_words(file='/usr/share/dict/words'):
    with open(file, encoding='utf8') as f:
        return sorted({w for w in map(str.strip, f) if w.isascii() and w.isalpha() and 1 < len(w) < 9})
