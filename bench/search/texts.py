"""Texts with real frequencies of words: English, Russian, Serbian in both scripts, and Thai."""

from __future__ import annotations

import random
from itertools import accumulate

from wordfreq import get_frequency_dict

_WORDS = 30_000  # of a language, the commonest
_SHARES = {"en": 0.35, "ru": 0.35, "sh": 0.2, "th": 0.1}  # of messages; sh: Serbian
_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)  # words
# wordfreq has no Thai. Its commonest words, the commonest first.
_THAI_WORDS = (
    "ที่ เป็น การ ใน มี และ ได้ ว่า จะ ของ ไม่ ให้ ไป มา ก็ กับ คน นี้ ความ แต่ หรือ โดย จาก แล้ว คือ อยู่ ทำ ผู้ เขา กัน"
    " ซึ่ง นั้น ต้อง ปี อย่าง ราคา ขาย ซื้อ บาท เท่าไร ยัง สวย ใหม่ เก่า มือสอง ส่ง ฟรี วันนี้ พรุ่งนี้ รถ บ้าน จักรยาน"
    " รองเท้า เสื้อ กระเป๋า โต๊ะ เก้าอี้ โทรศัพท์ กล้อง หนังสือ"
)
_THAI = _THAI_WORDS.split()
_CYRILLIC = {
    "dž": "џ", "lj": "љ", "nj": "њ", "a": "а", "b": "б", "v": "в", "g": "г", "d": "д", "đ": "ђ", "e": "е", "ž": "ж",
    "z": "з", "i": "и", "j": "ј", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с",
    "t": "т", "ć": "ћ", "u": "у", "f": "ф", "h": "х", "c": "ц", "č": "ч", "š": "ш",
}  # fmt: skip


class Texts:
    """A source of texts that is the same in every run."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self.words: dict[str, list[str]] = {"th": list(_THAI)}
        self._weights = {"th": list(accumulate(1 / (rank + 2) for rank in range(len(_THAI))))}
        for language in ("en", "ru", "sh"):
            common = sorted(get_frequency_dict(language).items(), key=lambda entry: -entry[1])[:_WORDS]
            self.words[language] = [word for word, _ in common]
            self._weights[language] = list(accumulate(frequency for _, frequency in common))

    def text(self) -> str:
        """The next text."""
        (language,) = self._random.choices([*_SHARES], [*_SHARES.values()])
        count = self._random.choice(_LENGTHS)
        chosen = self._random.choices(self.words[language], cum_weights=self._weights[language], k=count)
        if language == "th":
            return "".join(chosen)
        text = " ".join(chosen)
        return _in_cyrillic(text) if language == "sh" and self._random.random() < 0.5 else text

    def word(self, first: int, last: int) -> str:
        """A word by its rank in English or Russian, from `first` to below `last`."""
        return self._random.choice(self.words[self._random.choice(("en", "ru"))][first:last])

    def phrase(self) -> str:
        """Two words that often follow each other: both are common."""
        language = self._random.choice(("en", "ru"))
        return " ".join(self._random.choices(self.words[language][:30], k=2))

    def thai(self) -> str:
        """A Thai word of three characters or more."""
        return self._random.choice([word for word in _THAI if len(word) > 2])


def _in_cyrillic(text: str) -> str:
    for latin, cyrillic in _CYRILLIC.items():
        text = text.replace(latin, cyrillic)
    return text
