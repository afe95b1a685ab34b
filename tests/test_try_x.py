def test_x(alice, bob):
    s=bob.connects(); a=alice.connects()
    alice.sends("hi", to=bob)
    m=s.hears("new_message"); print(m)
    print(s.hears("unread_count"))
    print(alice.chats())
    print(alice.gets("/messages", chat_id=m["chat_id"]).headers)
