"""What people read when a file is refused, in the order of `LANGUAGES`."""

from __future__ import annotations

FILE_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "attachment_not_found": (
        "This file does not exist.",
        "Такого файла нет.",
        "Ова датотека не постоји.",
        "ไม่พบไฟล์นี้",
    ),
    "attachment_quarantined": (
        "This file is still being checked.",
        "Этот файл ещё проверяется.",
        "Ова датотека се још проверава.",
        "ไฟล์นี้กำลังอยู่ระหว่างการตรวจสอบ",
    ),
    "attachment_sent": (
        "This file belongs to another message already.",
        "Этот файл уже относится к другому сообщению.",
        "Ова датотека већ припада другој поруци.",
        "ไฟล์นี้ถูกส่งไปกับข้อความอื่นแล้ว",
    ),
    "attachments_required": (
        "The file is missing.",
        "Не хватает файла.",
        "Недостаје датотека.",
        "ไม่มีไฟล์แนบ",
    ),
    "message_type_mismatch": (
        "The file does not fit the type of the message.",
        "Файл не соответствует типу сообщения.",
        "Датотека не одговара врсти поруке.",
        "ไฟล์ไม่ตรงกับประเภทของข้อความ",
    ),
    "files_required": (
        "Choose a file.",
        "Выберите файл.",
        "Изаберите датотеку.",
        "กรุณาเลือกไฟล์",
    ),
    "too_many_files": (
        "These are too many files for one message.",
        "Слишком много файлов для одного сообщения.",
        "Превише датотека за једну поруку.",
        "ไฟล์มากเกินไปสำหรับหนึ่งข้อความ",
    ),
    "too_many_unsent_files": (
        "Too many of your uploaded files are not sent yet.",
        "Слишком много ваших загруженных файлов ещё не отправлено.",
        "Превише ваших отпремљених датотека још није послато.",
        "คุณมีไฟล์ที่อัปโหลดแล้วแต่ยังไม่ได้ส่งมากเกินไป",
    ),
    "upload_in_progress": (
        "The same upload is under way already.",
        "Эта загрузка уже выполняется.",
        "Ово отпремање је већ у току.",
        "การอัปโหลดนี้กำลังดำเนินการอยู่แล้ว",
    ),
    "upload_missing": (
        "Nothing was uploaded yet.",
        "Пока ничего не загружено.",
        "Још ништа није отпремљено.",
        "ยังไม่มีการอัปโหลดไฟล์",
    ),
    "multipart_required": (
        "Send files as a form (Content-Type: multipart/form-data).",
        "Отправьте файлы формой (Content-Type: multipart/form-data).",
        "Пошаљите датотеке као формулар (Content-Type: multipart/form-data).",
        "กรุณาส่งไฟล์เป็นแบบฟอร์ม (Content-Type: multipart/form-data)",
    ),
    "file_too_large": (
        "The file is too large.",
        "Файл слишком большой.",
        "Датотека је превелика.",
        "ไฟล์มีขนาดใหญ่เกินไป",
    ),
    "file_too_large_to_scan": (
        "The file is too large to be checked for viruses.",
        "Файл слишком большой для проверки на вирусы.",
        "Датотека је превелика за проверу на вирусе.",
        "ไฟล์มีขนาดใหญ่เกินกว่าจะตรวจหาไวรัสได้",
    ),
    "file_type_not_allowed": (
        "Files of this type cannot be sent.",
        "Файлы этого типа отправлять нельзя.",
        "Датотеке ове врсте није могуће послати.",
        "ไม่สามารถส่งไฟล์ประเภทนี้ได้",
    ),
    "file_ambiguous": (
        "The file is also one of another kind.",
        "Файл одновременно является файлом другого типа.",
        "Датотека је истовремено и друге врсте.",
        "ไฟล์นี้เป็นไฟล์ประเภทอื่นด้วย",
    ),
    "file_empty": (
        "The file is empty.",
        "Файл пустой.",
        "Датотека је празна.",
        "ไฟล์ว่างเปล่า",
    ),
    "file_damaged": (
        "The file is damaged or incomplete.",
        "Файл повреждён или неполон.",
        "Датотека је оштећена или непотпуна.",
        "ไฟล์เสียหายหรือไม่สมบูรณ์",
    ),
    "file_too_complex": (
        "The file takes too long to be checked.",
        "Проверка файла занимает слишком много времени.",
        "Провера датотеке траје предуго.",
        "ไฟล์ใช้เวลาตรวจสอบนานเกินไป",
    ),
    "file_infected": (
        "A virus was found in the file.",
        "В файле найден вирус.",
        "У датотеци је пронађен вирус.",
        "พบไวรัสในไฟล์",
    ),
    "image_too_large": (
        "The picture has too many pixels or frames.",
        "В изображении слишком много пикселей или кадров.",
        "Слика има превише пиксела или кадрова.",
        "รูปภาพมีจำนวนพิกเซลหรือเฟรมมากเกินไป",
    ),
    "media_too_large": (
        "The video has too many pixels or tracks.",
        "В видео слишком много пикселей или дорожек.",
        "Видео има превише пиксела или нумера.",
        "วิดีโอมีจำนวนพิกเซลหรือแทร็กมากเกินไป",
    ),
    "media_too_long": (
        "The recording is too long.",
        "Запись слишком длинная.",
        "Снимак је предуг.",
        "การบันทึกยาวเกินไป",
    ),
    "voice_not_audio": (
        "A voice message must be sound.",
        "Голосовое сообщение должно быть звуком.",
        "Гласовна порука мора бити звук.",
        "ข้อความเสียงต้องเป็นไฟล์เสียง",
    ),
    "pdf_active_content": (
        "The document contains scripts or other files.",
        "Документ содержит скрипты или другие файлы.",
        "Документ садржи скрипте или друге датотеке.",
        "เอกสารมีสคริปต์หรือไฟล์อื่นอยู่ภายใน",
    ),
    "range_not_satisfiable": (
        "The file has no such bytes.",
        "В файле нет таких байтов.",
        "Датотека нема тих бајтова.",
        "ไฟล์ไม่มีช่วงข้อมูลที่ร้องขอ",
    ),
}
