/** Texts of the emoji picker. */
/** @type {Record<keyof typeof import("../en/emoji.js").texts, string>} */
export const texts = {
  "emoji.search": "Pretraži emodžije",
  "emoji.groups": "Grupe emodžija",
  "emoji.recent": "Nedavni",
  "emoji.smileys": "Smajliji",
  "emoji.people": "Ljudi",
  "emoji.animals": "Životinje i priroda",
  "emoji.food": "Hrana i piće",
  "emoji.travel": "Putovanja i mesta",
  "emoji.activities": "Aktivnosti",
  "emoji.objects": "Predmeti",
  "emoji.symbols": "Simboli",
  "emoji.flags": "Zastave",
  "emoji.list": "Emodžiji",
  "emoji.none": "Nema takvih emodžija",
  "emoji.tone": "Boja kože",
  "emoji.tone_number": "Boja kože {number}",
  "emoji.failed": "Emodžiji nisu učitani.",
  "emoji.retry": "Pokušaj ponovo",
};
