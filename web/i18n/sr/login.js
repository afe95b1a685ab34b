/** Texts of the page where people log in. */
/** @type {Record<keyof typeof import("../en/login.js").texts, import("../../ui/i18n.js").Text>} */
export const texts = {
  "login.choose_demo": "Ili nastavite kao",
  "login.email": "E-pošta",
  "login.failed": "Prijava nije uspela. Pokušajte ponovo.",
  "login.have_account": "Imam nalog",
  "login.hide_password": "Sakrij lozinku",
  "login.language": "Jezik",
  "login.log_in": "Prijavi se",
  "login.login": "Korisničko ime ili e-pošta",
  "login.name": "Vaše ime",
  "login.new_account": "Napravi nalog",
  "login.password": "Lozinka",
  "login.show_password": "Prikaži lozinku",
  "login.sign_up": "Registruj se",
  "login.tagline": "Razgovarajte s kupcima i prodavcima",
  "login.username": "Korisničko ime",
  "login.wait": "Previše pokušaja. Pokušajte ponovo za {seconds} s.",
  "login.welcome": "Dobro došli nazad",
  "login.welcome_new": "Napravite nalog",
};
