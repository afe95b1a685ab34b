import{a as C,b as M}from"./chunk-ALUEVAXH.js";import{p as T,q as D,s as z,y as $}from"./chunk-27RTQAVN.js";import{A as k,L as c,P as h,q as o,r as l,w as u,y as I}from"./chunk-MDBE6VA6.js";var F=100,P=64;function R(s){let n=new Map;for(let i of["active","snoozed","archived"])for(let r of s.lists[i].value){let e=s.client.state.chat(r)?.other_user;e&&!n.has(e.id)&&n.set(e.id,e)}return[...n.values()]}function X({onClose:s}){let n=T(),[i,r]=u(""),[e,d]=u([]),[p,S]=u(""),[m,b]=u(!1),[a,x]=u(!1),g=k(null);I(()=>g.current?.focus(),[a]);let v=$(i.trim()),w=R(n).filter(t=>$(t.name).includes(v)),f=async t=>{b(!0);let y=await n.attempt(t);b(!1),y!==void 0&&(s(),n.select(y))},E=()=>f(n.client.openDirect(i.trim())),G=()=>f(n.client.groups.create(p.trim(),e).then(t=>t.id)),_=t=>d(C(e,t)),L=t=>{a?_(t.id):f(U(n,t.id))},N=t=>{t.preventDefault(),!m&&(a?G():i.trim()&&E())},A=a?p.trim()!==""&&e.length>0:i.trim()!=="",B=c`
    <button type="button" class="button" onClick=${s}>${o("ui.cancel")}</button>
    <button type="submit" form="new-chat" class="button is-primary" data-testid="start-chat" disabled=${!A||m}>
      ${a?o("chats.create_group"):o("chats.start_chat")}
    </button>`;return l(D,{title:o(a?"chats.new_group":"chats.new_chat"),onClose:s,actions:B,testId:"new-chat-dialog"},c`
    <form id="new-chat" class="new-chat" onSubmit=${N}>
      ${a&&c`
        <label class="field"><span class="field-label">${o("chats.group_title")}</span>
          <input ref=${g} class="input" value=${p} maxlength=${F} data-testid="group-title"
            onInput=${t=>S(t.currentTarget.value)} /></label>`}
      <label class="field"><span class="field-label">${o(a?"chats.find_people":"chats.username")}</span>
        <input class="input" value=${i} maxlength=${P} autocomplete="off" autocapitalize="none" spellcheck=${!1} data-testid="new-chat-name"
          autofocus=${!a} onInput=${t=>r(t.currentTarget.value)} /></label>
      ${!a&&c`
        <button type="button" class="menu-item" data-testid="new-group" onClick=${()=>x(!0)}>
          <span class="round-icon">${l(h,{name:"people"})}</span><span class="menu-label">${o("chats.new_group")}</span>
        </button>`}
      ${a&&l(M,{name:i.trim(),chosen:e,onToggle:t=>{_(t),r("")}})}
      <ul class="people" aria-label=${o("chats.people")}>
        ${w.map(t=>c`
          <li key=${t.id}>
            <button type="button" class="menu-item" aria-pressed=${a?e.includes(t.id):void 0} disabled=${m}
              data-testid=${`person-${t.id}`} onClick=${()=>L(t)}>
              ${l(z,{id:t.id,name:t.name,picture:t.picture_url,size:36})}
              <span class="menu-label" dir="auto">${t.name}</span>
              ${a&&e.includes(t.id)&&l(h,{name:"check"})}
            </button>
          </li>`)}
      </ul>
      ${!w.length&&a&&!v&&c`<p class="empty-hint">${o("chats.nobody_known")}</p>`}
    </form>`)}async function U(s,n){let{state:i}=s.client,e=[...s.lists.active.value,...s.lists.snoozed.value,...s.lists.archived.value].filter(d=>i.chat(d)?.other_user?.id===n);return e.find(d=>i.chat(d)?.kind==="direct")??e[0]}export{X as NewChatDialog};
