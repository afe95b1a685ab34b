/** @type {Record<keyof typeof import("../en/system.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "system.created": "{name} สร้างกลุ่ม “{title}”",
  "system.left": "{name} ออกจากกลุ่ม",
  "system.member_added": "{name} เพิ่ม {users}",
  "system.member_removed": "{name} นำ {users} ออก",
  "system.others": { other: "อีก {count} คน" },
  "system.picture_changed": "{name} เปลี่ยนรูปกลุ่ม",
  "system.role_changed": "{name} เปลี่ยนบทบาทของ {users} เป็น{role}",
  "system.title_changed": "{name} เปลี่ยนชื่อกลุ่มเป็น “{title}”",
  "system.unknown": "{name} เปลี่ยนแปลงกลุ่ม",
};
