import{A as x,B as A,D as R,k as y,p as $,s as w,w as k,x as C,z as M}from"./chunk-27RTQAVN.js";import{B as b,F as f,G as m,L as r,P as _,q as l,r as d,y as p}from"./chunk-MDBE6VA6.js";var L=200,S=8,I=20,g=class{#t;#s=new AbortController;#i=0;#e=null;#a="";state=m("idle");chatIds=m([]);results=m([]);suggestions=m([]);ignored=m([]);hasMore=m(!1);constructor(s){this.#t=s}start(s){this.stop(),this.#a=s,this.#s=new AbortController,this.state.value="searching",this.#i=setTimeout(()=>{this.#r(this.#s.signal)},L)}stop(){clearTimeout(this.#i),this.#s.abort()}async loadMore(){if(!this.#e||this.state.peek()==="searching")return;this.state.value="searching";let{signal:s}=this.#s;try{let i=await this.#t.search(this.#a,{cursor:this.#e,limit:I,signal:s});this.#o(i,this.results.peek())}catch{s.aborted||(this.state.value="failed")}}async#r(s){let i=this.#a,a={signal:s},e=this.#t.suggest(i,a).catch(()=>[]);try{let[c,h,u]=await Promise.all([this.#t.listChats({q:i,limit:S,...a}),this.#t.search(i,{limit:I,...a}),e]);if(s.aborted)return;f(()=>{this.chatIds.value=c.map(n=>n.id),this.suggestions.value=u.filter(({text:n})=>n.toLocaleLowerCase()!==i.toLocaleLowerCase()),this.#o(h,[])})}catch{s.aborted||(this.state.value="failed")}}#o(s,i){f(()=>{this.results.value=[...i,...s.results],this.ignored.value=s.ignored,this.#e=s.next_cursor,this.hasMore.value=s.has_more,this.state.value="done"})}};function W({query:t,onQuery:s,onMenu:i}){let a=$(),e=b(()=>new g(a.client),[a]);p(()=>e.start(t),[e,t]),p(()=>()=>e.stop(),[e]);let c=e.state.value,h=e.chatIds.value,u=e.results.value,n=e.suggestions.value,v=!h.length&&!u.length;return r`
    <div class="chat-scroller" data-testid="search-results" onKeyDown=${x} aria-busy=${c==="searching"}>
      ${n.length>0&&r`
        <div class="suggestions" role="group" aria-label=${l("chats.suggestions")}>
          ${n.slice(0,6).map(o=>r`
            <button key=${`${o.type} ${o.text}`} type="button" class="suggestion"
              onClick=${()=>o.chat_id?a.select(o.chat_id):s(o.text)}>
              ${d(_,{name:"search",size:15})}<span dir="auto">${o.text}</span>
            </button>`)}
        </div>`}
      ${h.length>0&&r`
        <h2 class="results-title" id="found-chats">${l("chats.found_chats")}</h2>
        <ul class="chat-list" aria-labelledby="found-chats">
          ${h.map((o,E)=>d(R,{key:o,chatId:o,isSelected:o===a.selected.value,isReachable:E===0,query:t,onOpen:K=>a.select(K),onMenu:i}))}
        </ul>`}
      ${u.length>0&&r`
        <h2 class="results-title" id="found-messages">${l("chats.found_messages")}</h2>
        <ul class="chat-list" aria-labelledby="found-messages">
          ${u.map(o=>d(P,{key:o.message.id,result:o}))}
        </ul>`}
      ${e.hasMore.value&&c!=="searching"&&r`
        <button type="button" class="button more-results" onClick=${()=>e.loadMore()}>${l("chats.more_results")}</button>`}
      <p class="list-loading" role="status">${D(c,t,v,e.ignored.value)}</p>
      ${v&&c==="done"&&r`<div class="empty">${d(k,{})}</div>`}
      ${c==="failed"&&r`
        <div class="list-failed"><button type="button" class="link-button" onClick=${()=>e.start(t)}>${l("shell.try_now")}</button></div>`}
    </div>`}function D(t,s,i,a){return t==="failed"?l("chats.search_failed"):t==="searching"?i?l("chats.searching"):"":t==="done"&&i?l("chats.nothing_found",{query:s}):a.length?l("chats.search_ignored",{words:a.join(", ")}):""}function P({result:{message:t,chat:s,fragments:i}}){let a=$(),e=a.chat(t.chat_id).value,c=e?A(e):s?.title??s?.other_user?.name??t.sender?.name??"",h=t.sender_id===a.me,u=n=>{n.metaKey||n.ctrlKey||n.shiftKey||(n.preventDefault(),a.select(t.chat_id,t.id))};return r`
    <li class="chat-entry">
      <a class="chat-row is-result" data-chat-id=${t.chat_id} data-testid=${`found-message-${t.id}`}
        href=${C({name:"chat",chatId:t.chat_id,messageId:t.id})} onClick=${u}>
        ${d(w,{id:t.sender_id,name:t.sender?.name??"",picture:t.sender?.picture_url,size:36})}
        <span class="chat-lines">
          <span class="chat-line">
            <span class="chat-name" dir="auto">${c}</span>
            <time class="chat-time" datetime=${t.created_at}>${y(t.created_at)}</time>
          </span>
          <span class="found-text" dir="auto">
            ${h?r`<span class="chat-author">${l("chats.you")}: </span>`:e?.kind==="group"&&r`<span class="chat-author">${t.sender?.name}: </span>`}
            ${d(M,{fragments:i})}
          </span>
        </span>
      </a>
    </li>`}export{g as ChatSearch,W as SearchResults};
