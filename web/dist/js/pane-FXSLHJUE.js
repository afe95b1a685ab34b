import{a as x,b as G}from"./chunk-ALUEVAXH.js";import{a as T,d as I,e as R}from"./chunk-SBDCKQPZ.js";import{a as L}from"./chunk-Y4HBH3GJ.js";import"./chunk-LCENP6MO.js";import{a as B,b as w}from"./chunk-YPHZ4V6T.js";import{f as P,i as E,k as D,o as A,p as v,q as O,r as z,s as y,u as U}from"./chunk-27RTQAVN.js";import{L as u,P as g,q as o,r as d,w as m,y as k}from"./chunk-MDBE6VA6.js";var H=36e5,F=24*H;function S({icon:e,label:t,detail:s,isDanger:n,testId:i,onPress:a}){return u`
    <li>
      <button type="button" class=${n?"action-row is-danger":"action-row"} data-testid=${i} onClick=${a}>
        ${d(g,{name:e})}
        <span class="action-texts"><span>${t}</span>${s&&u`<span class="action-detail">${s}</span>`}</span>
      </button>
    </li>`}function W(e,t){let[s,n]=m(!1);return k(()=>{t&&e.attempt(e.client.blockStatus(t)).then(i=>n(i?.is_blocked??!1))},[t]),[s,n]}function X({is_muted:e,muted_until:t}){return e?t?o("details.muted_until",{when:E(t)}):o("details.muted"):""}function q({chat:e}){let t=v(),{client:s,screen:n}=t,i=e.kind==="group"?void 0:e.other_user,[a,c]=W(t,i?.id),[r,l]=m(null),f=e.role==="owner",b=i?.name??e.title??"";function $(_,C,M,J){n.openDialog(V=>d(z,{title:o(_,{name:b}),text:o(C,{name:b}),confirm:o(M),onConfirm:J,onClose:V,isDangerous:!0}))}async function p(_){let{id:C}=i;await t.attempt((_?s.block(C):s.unblock(C)).then(()=>!0))&&(c(_),T.value+=1)}function h(_){t.attempt(s.mute(e.id,_===null?void 0:new Date(Date.now()+_).toISOString()))}return u`
    <ul class="details-actions">
      ${d(S,{icon:e.is_muted?"bell":"mute",label:o(e.is_muted?"details.unmute":"details.mute"),detail:X(e),testId:"mute",onPress:_=>e.is_muted?void t.attempt(s.unmute(e.id)):l(_.currentTarget)})}
      ${i&&d(S,{icon:"block",label:o(a?"details.unblock":"details.block",{name:b}),isDanger:!a,testId:"block",onPress:()=>a?void p(!1):$("details.block_title","details.block_text","details.block_confirm",()=>{p(!0)})})}
      ${e.kind==="group"&&d(S,{icon:"logout",label:o("details.leave"),isDanger:!0,testId:"leave",onPress:()=>$("details.leave_title","details.leave_text","details.leave",()=>{t.attempt(s.groups.leave(e.id))})})}
      ${(e.kind!=="group"||f)&&d(S,{icon:"trash",label:o("details.delete"),isDanger:!0,testId:"delete-chat",onPress:()=>$("details.delete_title","details.delete_text","details.delete_confirm",()=>{t.attempt(s.deleteChat(e.id))})})}
    </ul>
    ${r&&d(A,{label:o("details.mute"),anchor:r,onClose:()=>l(null),items:[{label:o("details.mute_hour"),run:()=>h(H)},{label:o("details.mute_day"),run:()=>h(F)},{label:o("details.mute_week"),run:()=>h(7*F)},{label:o("details.mute_ever"),run:()=>h(null)}]})}`}var Z=100;function ee(){return new Promise(e=>{let t=document.createElement("input");t.type="file",t.accept="image/jpeg,image/png,image/gif,image/webp",t.addEventListener("change",()=>e(t.files?.[0]??null),{once:!0}),t.addEventListener("cancel",()=>e(null),{once:!0}),t.click()})}function te({chat:e,onEnd:t}){let s=v(),[n,i]=m(e.title??"");async function a(c){c.preventDefault();let r=n.trim();r&&r!==e.title&&!await s.attempt(s.client.groups.update(e.id,{title:r}))||t()}return u`
    <form class="title-form" onSubmit=${a}>
      <input class="input" type="text" maxlength=${Z} required value=${n} aria-label=${o("details.group_title")} data-testid="group-title" autofocus
        onInput=${c=>i(c.currentTarget.value)}
        onKeyDown=${c=>{c.key==="Escape"&&(c.preventDefault(),t())}} />
      <button type="submit" class="icon-button" aria-label=${o("details.save")} data-testid="save-title">${d(g,{name:"check"})}</button>
    </form>`}function K({chat:e}){let t=v(),[s,n]=m(!1),[i,a]=m(!1),c=e.role==="owner"||e.role==="admin";async function r(){let l=await ee();l&&(a(!0),await t.attempt(t.client.upload(l).stored.then(f=>t.client.groups.update(e.id,{picture:f}))),a(!1))}return u`
    <div class="details-head">
      <span class=${i?"details-picture is-busy":"details-picture"} aria-busy=${i}>
        ${d(y,{id:e.id,name:w(e),picture:e.picture_url,size:88})}
        ${c&&u`<button type="button" class="picture-change" aria-label=${o("details.change_picture")} title=${o("details.change_picture")} onClick=${()=>{r()}}>${d(g,{name:"photo",size:18})}</button>`}
      </span>
      ${s?d(te,{chat:e,onEnd:()=>n(!1)}):u`
        <h3 class="details-name" dir="auto">${w(e)}
          ${c&&u`<button type="button" class="icon-button is-small" aria-label=${o("details.change_title")} data-testid="change-title" onClick=${()=>n(!0)}>${d(g,{name:"edit",size:16})}</button>`}
        </h3>`}
      <p class="details-status">${o("conversation.members",{count:e.member_count??0})}</p>
      ${c&&e.picture_url&&u`<button type="button" class="link-button" onClick=${()=>{t.attempt(t.client.groups.update(e.id,{picture:null}))}}>${o("details.remove_picture")}</button>`}
    </div>`}var se=200;function ne(e,t){let[s,n]=m(e.client.state.list("active"));k(()=>{let a=new AbortController,c=setTimeout(async()=>{if(!t.trim())return n(e.client.state.list("active"));let r=await e.attempt(e.client.listChats({q:t.trim(),signal:a.signal}));r&&!a.signal.aborted&&n(r.map(({id:l})=>l))},t?se:0);return()=>{clearTimeout(c),a.abort()}},[t]);let i=s.flatMap(a=>e.client.state.chat(a)?.other_user??[]);return[...new Map(i.map(a=>[a.id,a])).values()]}function ie({people:e,chosen:t,onToggle:s}){return u`
    <ul class="person-list is-scrolled">
      ${e.map(n=>u`
        <li key=${n.id}>
          <label class="person-row is-choice">
            <input type="checkbox" checked=${t.includes(n.id)} onChange=${()=>s(n.id)} data-testid=${`person-${n.id}`} />
            ${d(y,{id:n.id,name:n.name,picture:n.picture_url,size:36})}
            <span class="person-texts"><span class="person-name" dir="auto">${n.name}</span></span>
          </label>
        </li>`)}
    </ul>`}function oe({store:e,chat:t,members:s,onClose:n}){let[i,a]=m(""),[c,r]=m([]),l=new Set(s.map(({id:p})=>p)),f=ne(e,i).filter(({id:p})=>!l.has(p));async function b(){await e.attempt(e.client.groups.add(t.id,c))&&n()}let $=u`
    <button type="button" class="button" onClick=${n}>${o("ui.cancel")}</button>
    <button type="button" class="button is-primary" disabled=${!c.length} data-testid="add-chosen" onClick=${()=>{b()}}>${o("details.add")}</button>`;return d(O,{title:o("details.add_title"),onClose:n,actions:$,testId:"add-members-dialog"},u`
    <input type="search" class="input" placeholder=${o("details.search_people")} aria-label=${o("details.search_people")} value=${i}
      onInput=${p=>a(p.currentTarget.value)} />
    ${d(G,{name:i.trim(),chosen:c,onToggle:p=>{r(x(c,p)),a("")}})}
    ${d(ie,{people:f,chosen:c,onToggle:p=>r(x(c,p))})}
    ${!f.length&&!i.trim()&&u`<p class="dialog-text">${o("details.no_people")}</p>`}`)}function j(e,t,s){e.screen.openDialog(n=>d(oe,{store:e,chat:t,members:s,onClose:n}))}var ae=50;function re(e,t){let[s,n]=m(null),[i,a]=m(1),[c,r]=m(!1),l=e.revision(t.id,"messages").value,f=e.client.state.messages(t.id).findLast(({system:b})=>b)?.id??0;return k(()=>{let b=new AbortController;return(async()=>{let $=[],p=!1;for(let h=1;h<=i;h+=1){let _=await e.attempt(e.client.groups.members(t.id,{page:h,limit:ae,signal:b.signal}));if(!_||b.signal.aborted)return;$.push(..._.members),p=_.has_more}n($),r(p)})(),()=>b.abort()},[t.id,t.member_count,f,i]),{members:s,hasMore:c,readMore:()=>a(i+1)}}function N(e,t,s){let{groups:n}=e.client,i=t.role==="owner",a=i||t.role==="admin"&&s.role==="member",c=(r,l)=>i&&s.role!==r&&{icon:"person",label:o(l),run:()=>{e.attempt(n.changeRole(t.id,s.id,r))}};return[c("owner","details.make_owner"),c("admin","details.make_admin"),c("member","details.make_member"),a&&{icon:"trash",label:o("details.remove_member"),isDangerous:!0,testId:"remove-member",run:()=>{e.attempt(n.remove(t.id,s.id))}}].filter(r=>r!==!1)}function Q({chat:e}){let t=v(),{members:s,hasMore:n,readMore:i}=re(t,e),[a,c]=m(null),r=e.role==="owner"||e.role==="admin";return u`
    <section class="details-section" aria-label=${o("details.members")}>
      <div class="section-head">
        <h3 class="section-title">${o("details.members")}</h3>
        ${r&&u`<button type="button" class="link-button" data-testid="add-members" onClick=${()=>j(t,e,s??[])}>${o("details.add")}</button>`}
      </div>
      <ul class="person-list" data-testid="members">
        ${s?.map(l=>{let f=l.id===t.me,b=!f&&N(t,e,l).length>0;return u`
            <li key=${l.id} class="person-row">
              ${d(y,{id:l.id,name:l.name,picture:l.picture_url,size:36,isOnline:t.presence(l.id).value.isOnline})}
              <span class="person-texts">
                <span class="person-name" dir="auto">${f?o("details.you",{name:l.name}):l.name}</span>
                ${l.role!=="member"&&u`<span class="person-detail">${o(U[l.role])}</span>`}
              </span>
              ${b&&u`
                <button type="button" class="icon-button is-small" aria-haspopup="menu" aria-label=${o("details.change_member",{name:l.name})}
                  onClick=${$=>c({member:l,anchor:$.currentTarget})}>${d(g,{name:"more",size:18})}</button>`}
            </li>`})}
      </ul>
      ${n&&u`<button type="button" class="link-button" onClick=${i}>${o("details.more")}</button>`}
      ${a&&d(A,{label:o("details.change_member",{name:a.member.name}),anchor:a.anchor,items:N(t,e,a.member),onClose:()=>c(null)})}
    </section>`}var le=["media","files","links"],ue=30;function de(e,t,s,n,i){let a={cursor:n,limit:ue,signal:i};return t==="media"?e.listMedia(s,a):t==="files"?e.listFiles(s,a):e.listLinks(s,a)}function ce({attachment:e,onOpen:t}){let{client:s}=v(),{src:n,onError:i}=L(s,e,e.thumbnail_url),a=e.file_type==="image"||e.thumbnail_url;return u`
    <li>
      <button type="button" class="shared-picture" onClick=${t} aria-label=${o(e.file_type==="video"?"message.open_video":"message.open_photo",{name:e.file_name})}>
        ${a?u`<img src=${n} onError=${i} alt="" loading="lazy" decoding="async" />`:d(g,{name:"mic"})}
        ${e.file_type==="video"&&u`<span class="shared-play">${d(g,{name:"play",size:18})}</span>`}
      </button>
    </li>`}function me({tab:e,entries:t,chatId:s}){let n=v();if(e==="media"){let i=t,a=i.filter(({file_type:r})=>r!=="audio"),c=async r=>{if(r.file_type==="audio")return n.select(s,r.message_id);let l=await n.loadPart(import("./gallery-7AYHBENP.js")),f=r.sender_id===n.me?o("message.you"):n.client.state.person(r.sender_id)?.name??"";l?.openMedia(n,a,r,{sender:f,at:r.created_at})};return u`<ul class="shared-pictures">${i.map(r=>d(ce,{key:r.id,attachment:r,onOpen:()=>{c(r)}}))}</ul>`}return e==="files"?u`
      <ul class="shared-list">
        ${t.map(i=>u`
          <li key=${i.id}>
            <a class="shared-row" href=${n.client.downloadUrl(i.id)} download=${i.file_name}>
              <span class="file-icon">${d(g,{name:"file"})}</span>
              <span class="person-texts"><span class="person-name" dir="auto">${i.file_name}</span><span class="person-detail">${P(i.file_size)} · ${D(i.created_at)}</span></span>
            </a>
          </li>`)}
      </ul>`:u`
    <ul class="shared-list">
      ${t.map((i,a)=>{let c=R(i.url);return c&&u`
          <li key=${`${i.message_id} ${a}`}>
            <a class="shared-row" href=${c} target="_blank" rel="noopener noreferrer nofollow ugc">
              <span class="file-icon">${d(g,{name:"link"})}</span>
              <span class="person-texts"><span class="person-name" dir="auto">${i.title||i.url}</span><span class="person-detail" dir="ltr">${new URL(c).hostname}</span></span>
            </a>
          </li>`})}
    </ul>`}function Y({chatId:e}){let t=v(),[s,n]=m("media"),[i,a]=m(null);async function c(l,f,b){let $=await t.attempt(de(t.client,l,e,f,b));!$||b.aborted||a(p=>({tab:l,entries:[...f&&p?.tab===l?p.entries:[],...$.entries],cursor:$.has_more?$.next_cursor:null}))}k(()=>{let l=new AbortController;return c(s,void 0,l.signal),()=>l.abort()},[e,s]);let r=i?.tab===s?i:null;return u`
    <section class="details-section" aria-label=${o("details.shared")}>
      <div class="tabs" role="tablist" aria-label=${o("details.shared")}>
        ${le.map(l=>u`
          <button key=${l} type="button" role="tab" class="tab" aria-selected=${s===l} data-testid=${`shared-${l}`} onClick=${()=>n(l)}>${o(`details.${l}`)}</button>`)}
      </div>
      <div role="tabpanel" aria-label=${o(`details.${s}`)} aria-busy=${!r}>
        ${r&&(r.entries.length?d(me,{tab:s,entries:r.entries,chatId:e}):u`<p class="details-none">${o(`details.no_${s}`)}</p>`)}
        ${r?.cursor&&u`<button type="button" class="link-button" onClick=${()=>{c(s,r.cursor??void 0,new AbortController().signal)}}>${o("details.more")}</button>`}
      </div>
    </section>`}function pe({chat:e}){let t=v(),s=e.other_user,n=s?t.presence(s.id).value:null,i=n?.isOnline?o("conversation.online"):n?.lastSeen?B(n.lastSeen):"";return u`
    <div class="details-head">
      ${d(y,{id:s?.id??e.id,name:w(e),picture:s?.picture_url,size:88})}
      <h3 class="details-name" dir="auto">${w(e)}</h3>
      ${i&&u`<p class="details-status">${i}</p>`}
    </div>`}function ct({chatId:e}){let t=v(),s=t.chat(e).value;if(!s)return null;let n=s.kind==="group",i=()=>{t.screen.details.value=!1};return u`
    <div class="details" data-testid="details"
      onKeyDown=${a=>{a.key!=="Escape"||a.defaultPrevented||(a.preventDefault(),i())}}>
      <header class="details-bar">
        <h2 class="details-title">${o(n?"details.group":"details.person")}</h2>
        <button type="button" class="icon-button" aria-label=${o("ui.close")} data-testid="close-details" onClick=${i}>${d(g,{name:"close"})}</button>
      </header>
      <div class="details-body" tabindex="0">
        ${n?d(K,{chat:s}):d(pe,{chat:s})}
        ${s.item&&u`<div class="details-item">${d(I,{item:s.item,kind:s.kind})}</div>`}
        ${d(q,{key:`actions ${e}`,chat:s})}
        ${n&&d(Q,{key:`members ${e}`,chat:s})}
        ${d(Y,{key:`shared ${e}`,chatId:e})}
      </div>
    </div>`}export{ct as DetailsPane};
