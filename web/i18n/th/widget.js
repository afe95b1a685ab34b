/** @type {Record<keyof typeof import("../en/widget.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "widget.attach": "เพิ่มไฟล์",
  "widget.chat_with_seller": "แชตกับผู้ขาย",
  "widget.close": "ปิดแชต",
  "widget.empty_files": "{names}: ไฟล์ว่าง",
  "widget.empty_seller": "ถามผู้ขายเกี่ยวกับสินค้านี้ได้เลย",
  "widget.item_gone": "สินค้านี้ไม่ขายแล้ว",
  "widget.log_in": "เข้าสู่ระบบของร้านเพื่อส่งข้อความถึงผู้ขาย",
  "widget.read": "อ่านแล้ว",
  "widget.remove_file": "นำ {name} ออก",
  "widget.seller": "ผู้ขาย",
  "widget.seller_typing": "ผู้ขายกำลังพิมพ์…",
  "widget.sent": "ส่งแล้ว",
  "widget.sent_file": "ไฟล์: {name}",
  "widget.sent_location": "ตำแหน่งที่ตั้ง",
  "widget.sent_voice": "ข้อความเสียง",
  "widget.too_many_files": "ไม่เกิน {count} ไฟล์",
};
