/** @type {Record<keyof typeof import("../en/widget.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "widget.attach": "Dodaj datoteke",
  "widget.chat_with_seller": "Razgovor s prodavcem",
  "widget.close": "Zatvori ćaskanje",
  "widget.empty_files": "{names}: prazno",
  "widget.empty_seller": "Pitajte prodavca o ovom artiklu.",
  "widget.item_gone": "Ovaj artikal više nije na prodaju.",
  "widget.log_in": "Prijavite se u prodavnicu da biste pisali prodavcu.",
  "widget.read": "Pročitano",
  "widget.remove_file": "Ukloni {name}",
  "widget.seller": "Prodavac",
  "widget.seller_typing": "Prodavac piše…",
  "widget.sent": "Poslato",
  "widget.sent_file": "Datoteka: {name}",
  "widget.sent_location": "Lokacija",
  "widget.sent_voice": "Glasovna poruka",
  "widget.too_many_files": "Najviše {count} datoteka.",
};
