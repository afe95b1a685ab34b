/** @type {Record<keyof typeof import("../en/system.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "system.created": "{name}: создана группа «{title}»",
  "system.left": "{name}: выход из группы",
  "system.member_added": "{name}: добавлены {users}",
  "system.member_removed": "{name}: удалены {users}",
  "system.others": { one: "ещё {count}", few: "ещё {count}", many: "ещё {count}", other: "ещё {count}" },
  "system.picture_changed": "{name}: новое изображение группы",
  "system.role_changed": "{name}: новая роль {users} — {role}",
  "system.title_changed": "{name}: новое название «{title}»",
  "system.unknown": "{name}: изменение группы",
};
