// domain/dto/chat_dto.go

// Conversation DTOs
type ConversationDTO struct {
    ID            string         `json:"id"`
    OtherUser     *UserShortDTO  `json:"otherUser"`
    LastMessage   *MessageShortDTO `json:"lastMessage"`
    UnreadCount   int            `json:"unreadCount"`
    UpdatedAt     string         `json:"updatedAt"`
    IsBlocked     bool           `json:"isBlocked"`
}

type UserShortDTO struct {
    ID          string  `json:"id"`
    Username    string  `json:"username"`
    DisplayName string  `json:"displayName"`
    Avatar      string  `json:"avatar"`
    IsOnline    bool    `json:"isOnline"`
    LastSeen    *string `json:"lastSeen,omitempty"`
}

type MessageShortDTO struct {
    ID        string `json:"id"`
    SenderID  string `json:"senderId"`
    Content   string `json:"content"`
    CreatedAt string `json:"createdAt"`
    IsRead    bool   `json:"isRead"`
}

// Message DTOs
type MessageDTO struct {
    ID             string  `json:"id"`
    ConversationID string  `json:"conversationId"`
    SenderID       string  `json:"senderId"`
    Sender         *UserShortDTO `json:"sender,omitempty"`
    Content        string  `json:"content"`
    IsRead         bool    `json:"isRead"`
    ReadAt         *string `json:"readAt,omitempty"`
    CreatedAt      string  `json:"createdAt"`
    UpdatedAt      string  `json:"updatedAt"`
}

type SendMessageDTO struct {
    Content string `json:"content" validate:"required,min=1,max=10000"`
}

type MarkAsReadDTO struct {
    MessageID *string `json:"messageId,omitempty"`
}

// Block DTOs
type BlockUserDTO struct {
    Username string `json:"username" validate:"required"`
}

type BlockDTO struct {
    ID          string       `json:"id"`
    BlockedUser *UserShortDTO `json:"blockedUser"`
    CreatedAt   string       `json:"createdAt"`
}

type BlockStatusDTO struct {
    IsBlocked     bool `json:"isBlocked"`
    IsBlockedBy   bool `json:"isBlockedBy"`
    CanSendMessage bool `json:"canSendMessage"`
}

// Pagination
type CursorMeta struct {
    HasMore    bool    `json:"hasMore"`
    NextCursor *string `json:"nextCursor,omitempty"`
}
