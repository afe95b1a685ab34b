/** @type {Record<keyof typeof import("../en/widget.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "widget.attach": "Добавить файлы",
  "widget.chat_with_seller": "Чат с продавцом",
  "widget.close": "Закрыть чат",
  "widget.empty_files": "{names}: пусто",
  "widget.empty_seller": "Спросите продавца об этом товаре.",
  "widget.item_gone": "Этот товар больше не продаётся.",
  "widget.log_in": "Войдите в магазин, чтобы написать продавцу.",
  "widget.read": "Прочитано",
  "widget.remove_file": "Убрать {name}",
  "widget.seller": "Продавец",
  "widget.seller_typing": "Продавец печатает…",
  "widget.sent": "Отправлено",
  "widget.sent_file": "Файл: {name}",
  "widget.sent_location": "Место на карте",
  "widget.sent_voice": "Голосовое сообщение",
  "widget.too_many_files": "Не больше {count} файлов.",
};
