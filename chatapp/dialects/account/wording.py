"""The sentences of the account routes in the languages of the contract."""

from __future__ import annotations

_SENTENCES: dict[str, dict[str, str]] = {
    "invalid_credentials": {
        "en": "Wrong login or password.",
        "ru": "Неверный логин или пароль.",
        "sr": "Pogrešno korisničko ime ili lozinka.",
        "th": "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง",
    },
    "account_suspended": {
        "en": "This account is suspended.",
        "ru": "Этот аккаунт заблокирован.",
        "sr": "Ovaj nalog je suspendovan.",
        "th": "บัญชีนี้ถูกระงับ",
    },
    "username_taken": {
        "en": "This username is taken.",
        "ru": "Это имя пользователя занято.",
        "sr": "Ovo korisničko ime je zauzeto.",
        "th": "ชื่อผู้ใช้นี้ถูกใช้แล้ว",
    },
    "email_taken": {
        "en": "This e-mail address is in use.",
        "ru": "Этот адрес электронной почты уже используется.",
        "sr": "Ova adresa e-pošte je već u upotrebi.",
        "th": "อีเมลนี้ถูกใช้แล้ว",
    },
    "token_missing": {
        "en": "Log in first.",
        "ru": "Сначала войдите.",
        "sr": "Najpre se prijavite.",
        "th": "กรุณาเข้าสู่ระบบก่อน",
    },
    "token_invalid": {
        "en": "The token is not valid.",
        "ru": "Недействительный токен.",
        "sr": "Token nije važeći.",
        "th": "โทเค็นไม่ถูกต้อง",
    },
    "token_expired": {
        "en": "The token has expired.",
        "ru": "Срок действия токена истёк.",
        "sr": "Token je istekao.",
        "th": "โทเค็นหมดอายุแล้ว",
    },
    "access_revoked": {
        "en": "This log-in has ended. Log in again.",
        "ru": "Сеанс завершён. Войдите снова.",
        "sr": "Prijava je okončana. Prijavite se ponovo.",
        "th": "เซสชันนี้สิ้นสุดแล้ว กรุณาเข้าสู่ระบบอีกครั้ง",
    },
}
# For codes without a sentence of their own.
_BY_STATUS: dict[int, dict[str, str]] = {
    400: {
        "en": "The request cannot be read.",
        "ru": "Не удалось прочитать запрос.",
        "sr": "Zahtev nije čitljiv.",
        "th": "ไม่สามารถอ่านคำขอได้",
    },
    404: {"en": "Not found.", "ru": "Не найдено.", "sr": "Nije pronađeno.", "th": "ไม่พบข้อมูล"},
    405: {
        "en": "This method is not allowed here.",
        "ru": "Метод здесь не поддерживается.",
        "sr": "Ovaj metod ovde nije dozvoljen.",
        "th": "ไม่อนุญาตให้ใช้เมธอดนี้",
    },
    413: {
        "en": "The request is too large.",
        "ru": "Слишком большой запрос.",
        "sr": "Zahtev je prevelik.",
        "th": "คำขอมีขนาดใหญ่เกินไป",
    },
    415: {
        "en": "Send JSON in UTF-8 (application/json).",
        "ru": "Отправляйте JSON в UTF-8 (application/json).",
        "sr": "Pošaljite JSON u UTF-8 (application/json).",
        "th": "กรุณาส่งข้อมูลเป็น JSON แบบ UTF-8 (application/json)",
    },
    422: {
        "en": "Some fields are wrong.",
        "ru": "Некоторые поля заполнены неверно.",
        "sr": "Neka polja nisu ispravna.",
        "th": "ข้อมูลบางช่องไม่ถูกต้อง",
    },
    429: {
        "en": "Too many tries. Try again later.",
        "ru": "Слишком много попыток. Попробуйте позже.",
        "sr": "Previše pokušaja. Pokušajte kasnije.",
        "th": "มีการลองมากเกินไป กรุณาลองใหม่ภายหลัง",
    },
    500: {
        "en": "Something went wrong.",
        "ru": "Что-то пошло не так.",
        "sr": "Nešto nije u redu.",
        "th": "เกิดข้อผิดพลาด",
    },
    503: {
        "en": "Temporarily unavailable. Try again.",
        "ru": "Временно недоступно. Попробуйте ещё раз.",
        "sr": "Privremeno nedostupno. Pokušajte ponovo.",
        "th": "ใช้งานไม่ได้ชั่วคราว กรุณาลองใหม่",
    },
}


def wording(code: str, status: int, language: str) -> str:
    """The sentence for a refusal; a general one of its status where the code has none."""
    sentences = _SENTENCES.get(code) or _BY_STATUS.get(status) or _BY_STATUS[500]
    return sentences.get(language, sentences["en"])
