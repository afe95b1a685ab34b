/** @type {Record<keyof typeof import("../en/ui.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "ui.close": "ปิด",
  "ui.cancel": "ยกเลิก",
  "ui.pane_error": "ส่วนนี้หยุดทำงาน",
  "ui.pane_not_loaded": "โหลดส่วนนี้ไม่สำเร็จ",
  "ui.pane_reload": "โหลดส่วนนี้ใหม่",
};
