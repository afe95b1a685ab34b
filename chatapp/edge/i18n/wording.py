"""What people read when something is refused, in four languages, whatever the dialect."""

from __future__ import annotations

from chatapp.edge.i18n.file_wording import FILE_TEXTS
from chatapp.edge.i18n.negotiation import LANGUAGES

DELETED = "[deleted]"  # stands for a text that was taken back, in every language: clients know it by this

_TEXTS: dict[str, tuple[str, str, str, str]] = {
    **FILE_TEXTS,
    "unreadable": (
        "The request cannot be read.",
        "Запрос не удалось прочитать.",
        "Захтев није могуће прочитати.",
        "ไม่สามารถอ่านคำขอได้",
    ),
    "unauthorised": (
        "Please log in.",
        "Войдите в систему.",
        "Пријавите се.",
        "กรุณาเข้าสู่ระบบ",
    ),
    "token_expired": (
        "Your log-in has expired.",
        "Срок действия входа истёк.",
        "Ваша пријава је истекла.",
        "การเข้าสู่ระบบหมดอายุแล้ว",
    ),
    "token_invalid": (
        "This log-in is not accepted.",
        "Этот вход не принят.",
        "Ова пријава није прихваћена.",
        "การเข้าสู่ระบบนี้ไม่ถูกต้อง",
    ),
    "forbidden": (
        "You may not do this.",
        "Это действие вам недоступно.",
        "Ово вам није дозвољено.",
        "คุณไม่มีสิทธิ์ทำสิ่งนี้",
    ),
    "blocked": (
        "You and this person cannot write to each other.",
        "Вы и этот пользователь не можете писать друг другу.",
        "Ви и ова особа не можете писати једно другом.",
        "คุณกับผู้ใช้นี้ไม่สามารถส่งข้อความถึงกันได้",
    ),
    "not_found": (
        "Nothing was found here.",
        "Здесь ничего не найдено.",
        "Овде ништа није пронађено.",
        "ไม่พบสิ่งที่ร้องขอ",
    ),
    "chat_not_found": (
        "This chat does not exist.",
        "Такого чата нет.",
        "Овај разговор не постоји.",
        "ไม่พบแชทนี้",
    ),
    "message_not_found": (
        "This message does not exist.",
        "Такого сообщения нет.",
        "Ова порука не постоји.",
        "ไม่พบข้อความนี้",
    ),
    "receiver_not_found": (
        "This person does not exist.",
        "Такого пользователя нет.",
        "Ова особа не постоји.",
        "ไม่พบผู้ใช้นี้",
    ),
    "user_not_found": (
        "Nobody has this name.",
        "Никого с таким именем нет.",
        "Нико нема ово име.",
        "ไม่พบผู้ใช้ชื่อนี้",
    ),
    "block_not_found": (
        "You do not block this person.",
        "Вы не блокируете этого пользователя.",
        "Ви не блокирате ову особу.",
        "คุณไม่ได้บล็อกผู้ใช้นี้",
    ),
    "cannot_block_self": (
        "You cannot block yourself.",
        "Нельзя заблокировать самого себя.",
        "Не можете блокирати сами себе.",
        "คุณไม่สามารถบล็อกตัวเองได้",
    ),
    "bad_cursor": (
        "This cursor is not valid. Begin without one.",
        "Неверный курсор. Начните без него.",
        "Курсор није исправан. Почните без њега.",
        "เคอร์เซอร์ไม่ถูกต้อง กรุณาเริ่มใหม่โดยไม่ใช้เคอร์เซอร์",
    ),
    "not_author": (
        "Only its author may change a message.",
        "Сообщение может изменить только его автор.",
        "Поруку може мењати само њен аутор.",
        "เฉพาะผู้เขียนเท่านั้นที่แก้ไขข้อความได้",
    ),
    "message_deleted": (
        "This message was deleted.",
        "Это сообщение удалено.",
        "Ова порука је обрисана.",
        "ข้อความนี้ถูกลบแล้ว",
    ),
    "stale_edit": (
        "The message has changed since you saw it.",
        "Сообщение изменилось с тех пор, как вы его видели.",
        "Порука је измењена откад сте је видели.",
        "ข้อความถูกเปลี่ยนแปลงหลังจากที่คุณเห็น",
    ),
    "already_authenticated": (
        "This socket is authenticated already.",
        "Это соединение уже авторизовано.",
        "Ова веза је већ пријављена.",
        "การเชื่อมต่อนี้ยืนยันตัวตนแล้ว",
    ),
    "listing_not_found": (
        "This listing does not exist.",
        "Такого объявления нет.",
        "Овај оглас не постоји.",
        "ไม่พบประกาศนี้",
    ),
    "storefront_product_not_found": (
        "This product does not exist.",
        "Такого товара нет.",
        "Овај производ не постоји.",
        "ไม่พบสินค้านี้",
    ),
    "conflict": (
        "This contradicts what is stored.",
        "Это противоречит сохранённым данным.",
        "Ово је у супротности са сачуваним подацима.",
        "ข้อมูลขัดแย้งกับที่บันทึกไว้",
    ),
    "client_key_reused": (
        "This key was used for another message.",
        "Этот ключ уже использован для другого сообщения.",
        "Овај кључ је већ употребљен за другу поруку.",
        "คีย์นี้ถูกใช้กับข้อความอื่นแล้ว",
    ),
    "too_large": (
        "The request is too large.",
        "Запрос слишком большой.",
        "Захтев је превелик.",
        "คำขอมีขนาดใหญ่เกินไป",
    ),
    "unsupported_media_type": (
        "Send JSON (Content-Type: application/json).",
        "Отправьте JSON (Content-Type: application/json).",
        "Пошаљите JSON (Content-Type: application/json).",
        "กรุณาส่งข้อมูลเป็น JSON (Content-Type: application/json)",
    ),
    "validation_failed": (
        "Some fields are wrong.",
        "Некоторые поля заполнены неверно.",
        "Нека поља су погрешна.",
        "ข้อมูลบางช่องไม่ถูกต้อง",
    ),
    "contradictory_targets": (
        "Name a listing or a product, not both.",
        "Укажите объявление или товар, но не оба.",
        "Наведите оглас или производ, не оба.",
        "ระบุประกาศหรือสินค้าอย่างใดอย่างหนึ่ง",
    ),
    "cannot_message_self": (
        "You cannot write to yourself.",
        "Нельзя написать самому себе.",
        "Не можете писати сами себи.",
        "คุณไม่สามารถส่งข้อความถึงตัวเองได้",
    ),
    "receiver_required": (
        "Say whom the message is for.",
        "Укажите получателя сообщения.",
        "Наведите примаоца поруке.",
        "กรุณาระบุผู้รับข้อความ",
    ),
    "choose_receiver": (
        "Choose a recipient.",
        "Выберите получателя.",
        "Изаберите примаоца.",
        "กรุณาเลือกผู้รับ",
    ),
    "receiver_not_in_chat": (
        "The receiver is not in this chat.",
        "Получатель не участвует в этом чате.",
        "Прималац није у овом разговору.",
        "ผู้รับไม่ได้อยู่ในแชทนี้",
    ),
    "content_required": (
        "The message is empty.",
        "Сообщение пустое.",
        "Порука је празна.",
        "ข้อความว่างเปล่า",
    ),
    "content_too_long": (
        "The message is too long.",
        "Сообщение слишком длинное.",
        "Порука је предугачка.",
        "ข้อความยาวเกินไป",
    ),
    "location_required": (
        "The location is missing.",
        "Не указано местоположение.",
        "Недостаје локација.",
        "ไม่ได้ระบุตำแหน่ง",
    ),
    "rate_limit_exceeded": (
        "Too many requests. Please wait a moment.",
        "Слишком много запросов. Подождите немного.",
        "Превише захтева. Сачекајте мало.",
        "คำขอมากเกินไป กรุณารอสักครู่",
    ),
    "unavailable": (
        "The service is busy. Please try again.",
        "Сервис временно недоступен. Повторите попытку.",
        "Сервис је тренутно недоступан. Покушајте поново.",
        "บริการไม่พร้อมใช้งานชั่วคราว กรุณาลองอีกครั้ง",
    ),
    "unknown_frame_type": (
        "This type of frame is not known.",
        "Неизвестный тип кадра.",
        "Непознат тип оквира.",
        "ไม่รู้จักเฟรมประเภทนี้",
    ),
    "method_not_allowed": (
        "This method is not offered here.",
        "Этот метод здесь не поддерживается.",
        "Овај метод овде није подржан.",
        "ไม่รองรับเมธอดนี้",
    ),
    "upgrade_required": (
        "Open this address as a WebSocket, version 13.",
        "Откройте этот адрес как WebSocket версии 13.",
        "Отворите ову адресу као WebSocket верзије 13.",
        "กรุณาเปิดที่อยู่นี้เป็น WebSocket เวอร์ชัน 13",
    ),
    "internal_error": (
        "Something went wrong on our side.",
        "Произошла внутренняя ошибка.",
        "Дошло је до унутрашње грешке.",
        "เกิดข้อผิดพลาดภายในระบบ",
    ),
}


def text_for(code: str, kind: str, language: str) -> str:
    """The sentence for an error code, or for its kind (the code of its class) where it has none of its own."""
    texts = _TEXTS.get(code) or _TEXTS.get(kind) or _TEXTS["internal_error"]
    return texts[LANGUAGES.index(language)]
