/** Texts of the emoji picker. */
/** @type {Record<keyof typeof import("../en/emoji.js").texts, string>} */
export const texts = {
  "emoji.search": "Поиск эмодзи",
  "emoji.groups": "Группы эмодзи",
  "emoji.recent": "Недавние",
  "emoji.smileys": "Смайлики",
  "emoji.people": "Люди",
  "emoji.animals": "Животные и природа",
  "emoji.food": "Еда и напитки",
  "emoji.travel": "Путешествия и места",
  "emoji.activities": "Занятия",
  "emoji.objects": "Предметы",
  "emoji.symbols": "Символы",
  "emoji.flags": "Флаги",
  "emoji.list": "Эмодзи",
  "emoji.none": "Эмодзи не найдены",
  "emoji.tone": "Тон кожи",
  "emoji.tone_number": "Тон кожи {number}",
  "emoji.failed": "Не удалось загрузить эмодзи.",
  "emoji.retry": "Повторить",
};
