export const texts = {
  "widget.chat_with_seller": "Chat with the seller",
  "widget.close": "Close the chat",
  "widget.empty_seller": "Ask the seller about this item.",
  "widget.item_gone": "This item is not for sale any more.",
  "widget.log_in": "Log in to the shop to write to the seller.",
  "widget.read": "Read",
  "widget.seller": "Seller",
  "widget.seller_typing": "The seller is typing…",
  "widget.sent": "Sent",
  "widget.sent_file": "File: {name}",
  "widget.sent_location": "A location",
  "widget.sent_voice": "A voice message",
};
