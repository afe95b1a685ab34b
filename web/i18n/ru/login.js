/** Texts of the page where people log in. */
/** @type {Record<keyof typeof import("../en/login.js").texts, import("../../ui/i18n.js").Text>} */
export const texts = {
  "login.choose_demo": "Или войти как",
  "login.email": "Электронная почта",
  "login.failed": "Не удалось войти. Попробуйте ещё раз.",
  "login.have_account": "У меня есть аккаунт",
  "login.hide_password": "Скрыть пароль",
  "login.language": "Язык",
  "login.log_in": "Войти",
  "login.login": "Имя пользователя или почта",
  "login.name": "Ваше имя",
  "login.new_account": "Создать аккаунт",
  "login.password": "Пароль",
  "login.show_password": "Показать пароль",
  "login.sign_up": "Зарегистрироваться",
  "login.tagline": "Общайтесь с покупателями и продавцами",
  "login.username": "Имя пользователя",
  "login.wait": "Слишком много попыток. Повторите через {seconds} с.",
  "login.welcome": "С возвращением",
  "login.welcome_new": "Создайте аккаунт",
};
