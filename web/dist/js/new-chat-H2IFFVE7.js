import{p as I,q as k,s as T,y as b}from"./chunk-6CMWDFRH.js";import{J as o,N as $,o as c,p as r,u as l,w as _,y}from"./chunk-F6PQNDLK.js";var N=100,A=64;function B(s){let n=new Map;for(let i of["active","snoozed","archived"])for(let d of s.lists[i].value){let e=s.client.state.chat(d)?.other_user;e&&!n.has(e.id)&&n.set(e.id,e)}return[...n.values()]}function O({onClose:s}){let n=I(),[i,d]=l(""),[e,u]=l([]),[m,D]=l(""),[f,v]=l(!1),[a,z]=l(!1),g=y(null);_(()=>g.current?.focus(),[a]);let M=b(i.trim()),w=B(n).filter(t=>b(t.name).includes(M)),h=async t=>{v(!0);let p=await n.attempt(t);v(!1),p!==void 0&&(s(),n.select(p))},S=()=>h(n.client.openDirect(i.trim())),x=()=>h(n.client.groups.create(m.trim(),e).then(t=>t.id)),C=t=>a?u(e.includes(t.id)?e.filter(p=>p!==t.id):[...e,t.id]):void h(F(n,t.id)),E=t=>{t.preventDefault(),!f&&(a?x():i.trim()&&S())},G=a?m.trim()!==""&&e.length>0:i.trim()!=="",L=o`
    <button type="button" class="button" onClick=${s}>${c("ui.cancel")}</button>
    <button type="submit" form="new-chat" class="button is-primary" data-testid="start-chat" disabled=${!G||f}>
      ${a?c("chats.create_group"):c("chats.start_chat")}
    </button>`;return r(k,{title:c(a?"chats.new_group":"chats.new_chat"),onClose:s,actions:L,testId:"new-chat-dialog"},o`
    <form id="new-chat" class="new-chat" onSubmit=${E}>
      ${a&&o`
        <label class="field"><span class="field-label">${c("chats.group_title")}</span>
          <input ref=${g} class="input" value=${m} maxlength=${N} data-testid="group-title"
            onInput=${t=>D(t.currentTarget.value)} /></label>`}
      <label class="field"><span class="field-label">${c(a?"chats.find_people":"chats.username")}</span>
        <input class="input" value=${i} maxlength=${A} autocomplete="off" autocapitalize="none" spellcheck=${!1} data-testid="new-chat-name"
          autofocus=${!a} onInput=${t=>d(t.currentTarget.value)} /></label>
      ${!a&&o`
        <button type="button" class="menu-item" data-testid="new-group" onClick=${()=>z(!0)}>
          <span class="round-icon">${r($,{name:"people"})}</span><span class="menu-label">${c("chats.new_group")}</span>
        </button>`}
      <ul class="people" aria-label=${c("chats.people")}>
        ${w.map(t=>o`
          <li key=${t.id}>
            <button type="button" class="menu-item" aria-pressed=${a?e.includes(t.id):void 0} disabled=${f}
              data-testid=${`person-${t.id}`} onClick=${()=>C(t)}>
              ${r(T,{id:t.id,name:t.name,picture:t.picture_url,size:36})}
              <span class="menu-label" dir="auto">${t.name}</span>
              ${a&&e.includes(t.id)&&r($,{name:"check"})}
            </button>
          </li>`)}
      </ul>
      ${!w.length&&a&&o`<p class="empty-hint">${c("chats.nobody_known")}</p>`}
    </form>`)}async function F(s,n){let{state:i}=s.client,e=[...s.lists.active.value,...s.lists.snoozed.value,...s.lists.archived.value].filter(u=>i.chat(u)?.other_user?.id===n);return e.find(u=>i.chat(u)?.kind==="direct")??e[0]}export{O as NewChatDialog};
