/** @type {Record<keyof typeof import("../en/system.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "system.created": "{name}: napravljena je grupa „{title}“",
  "system.left": "{name}: izlazak iz grupe",
  "system.member_added": "{name}: dodati {users}",
  "system.member_removed": "{name}: uklonjeni {users}",
  "system.others": { one: "još {count}", few: "još {count}", other: "još {count}" },
  "system.picture_changed": "{name}: nova slika grupe",
  "system.role_changed": "{name}: nova uloga za {users} – {role}",
  "system.title_changed": "{name}: novi naziv „{title}“",
  "system.unknown": "{name}: izmena grupe",
};
