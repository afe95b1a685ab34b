/** Texts of the emoji picker. */
/** @type {Record<keyof typeof import("../en/emoji.js").texts, string>} */
export const texts = {
  "emoji.search": "ค้นหาอีโมจิ",
  "emoji.groups": "หมวดหมู่อีโมจิ",
  "emoji.recent": "ใช้ล่าสุด",
  "emoji.smileys": "หน้ายิ้ม",
  "emoji.people": "ผู้คน",
  "emoji.animals": "สัตว์และธรรมชาติ",
  "emoji.food": "อาหารและเครื่องดื่ม",
  "emoji.travel": "การเดินทางและสถานที่",
  "emoji.activities": "กิจกรรม",
  "emoji.objects": "สิ่งของ",
  "emoji.symbols": "สัญลักษณ์",
  "emoji.flags": "ธง",
  "emoji.list": "อีโมจิ",
  "emoji.none": "ไม่พบอีโมจิ",
  "emoji.tone": "สีผิว",
  "emoji.tone_number": "สีผิว {number}",
  "emoji.failed": "โหลดอีโมจิไม่สำเร็จ",
  "emoji.retry": "ลองอีกครั้ง",
};
