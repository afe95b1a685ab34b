/** Texts of the page where people log in. */
/** @type {Record<keyof typeof import("../en/login.js").texts, import("../../ui/i18n.js").Text>} */
export const texts = {
  "login.choose_demo": "หรือดำเนินการต่อในชื่อ",
  "login.email": "อีเมล",
  "login.failed": "เข้าสู่ระบบไม่สำเร็จ ลองอีกครั้ง",
  "login.have_account": "ฉันมีบัญชีแล้ว",
  "login.hide_password": "ซ่อนรหัสผ่าน",
  "login.language": "ภาษา",
  "login.log_in": "เข้าสู่ระบบ",
  "login.login": "ชื่อผู้ใช้หรืออีเมล",
  "login.name": "ชื่อของคุณ",
  "login.new_account": "สร้างบัญชี",
  "login.password": "รหัสผ่าน",
  "login.show_password": "แสดงรหัสผ่าน",
  "login.sign_up": "สมัครสมาชิก",
  "login.tagline": "คุยกับผู้ซื้อและผู้ขาย",
  "login.username": "ชื่อผู้ใช้",
  "login.wait": "พยายามหลายครั้งเกินไป ลองใหม่ใน {seconds} วินาที",
  "login.welcome": "ยินดีต้อนรับกลับ",
  "login.welcome_new": "สร้างบัญชีของคุณ",
};
