"""Top-level domains that make a name in a text a link without `https://`.

Some fifteen hundred exist, and most are words (`done.today`, `report.zip`). These are the domains of countries, the old
ones, and those that many shops and people use. Addresses with other domains are links only with their scheme.
"""

from __future__ import annotations

_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg
ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh
gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr
kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf
ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm
sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf
ws ye yt za zm zw
"""
_GENERIC = """
aero agency app asia berlin biz blog chat cloud club com company coop design dev digital edu email gov icu info int jobs
link london market media mil mobi moscow museum net network nyc online org page pro shop site social space store studio
tatar tech tel top travel vip website wiki xyz
"""
_OTHER_SCRIPTS = """
рф рус срб бел укр мкд мон бг ею қаз ком орг онлайн сайт дети москва ελ ευ հայ გე
ไทย คอม ລາວ 中国 中國 公司 网络 网址 网店 商城 商店 在线 香港 台湾 台灣 澳門 新加坡 한국 닷컴 닷넷 みんな コム
भारत ভারত বাংলা ਭਾਰਤ ભારત இந்தியா இலங்கை ලංකා భారత్ ישראל קום
امارات السعودية مصر ایران قطر عمان المغرب الجزائر تونس الاردن فلسطين سورية سودان عراق پاکستان بھارت موقع شبكة بازار
"""
TOP_LEVEL_DOMAINS = frozenset((_COUNTRIES + _GENERIC + _OTHER_SCRIPTS).split())

# Countries whose code is also a file extension common in chats: such a name needs more than one dot, or a path.
FILE_ENDINGS = frozenset({"md", "ps", "py", "sh", "so"})
# Countries whose code is a unit, a time of day or an ordinal after a number.
UNITS = frozenset({"am", "cm", "gb", "kg", "km", "kw", "mg", "ml", "mm", "ms", "pm", "st", "th"})
