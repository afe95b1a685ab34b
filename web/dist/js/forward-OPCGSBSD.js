import{a as w}from"./chunk-FZUQQPCT.js";import{b as f}from"./chunk-YPHZ4V6T.js";import{q as $,s as g}from"./chunk-27RTQAVN.js";import{L as a,q as i,r as u,w as p,y as m}from"./chunk-MDBE6VA6.js";var C=100,v=200;function T(e,n){let[o,l]=p(e.client.state.list("active"));return m(()=>{if(!n.trim()){l(e.client.state.list("active"));return}let r=new AbortController,s=setTimeout(async()=>{let c=await e.attempt(e.client.listChats({q:n.trim(),signal:r.signal}));c&&!r.signal.aborted&&l(c.map(({id:d})=>d))},v);return()=>{clearTimeout(s),r.abort()}},[n]),o.flatMap(r=>e.client.state.chat(r)??[])}function k({store:e,message:n,onClose:o}){let[l,r]=p(""),[s,c]=p([]),d=T(e,l);function b(t){s.includes(t)?c(s.filter(y=>y!==t)):s.length<C&&c([...s,t])}function h(){for(let{sent:t}of e.client.forward(n.id,s))t.catch(()=>{});o(),e.screen.showToast(i("message.forwarded_to",{count:s.length})),s.length===1&&s[0]&&e.select(s[0])}let _=a`
    <button type="button" class="button" onClick=${o}>${i("ui.cancel")}</button>
    <button type="button" class="button is-primary" disabled=${!s.length} onClick=${h} data-testid="forward-send">${i("message.forward_send")}</button>`;return u($,{title:i("message.forward_title"),onClose:o,actions:_,testId:"forward"},a`
    <p class="forward-preview" dir="auto">${w(n)}</p>
    <input type="search" class="input" placeholder=${i("message.forward_search")} aria-label=${i("message.forward_search")} value=${l}
      onInput=${t=>r(t.currentTarget.value)} />
    <ul class="person-list is-scrolled">
      ${d.map(t=>a`
        <li key=${t.id}>
          <label class="person-row is-choice">
            <input type="checkbox" checked=${s.includes(t.id)} onChange=${()=>b(t.id)} data-testid=${`forward-to-${t.id}`} />
            ${u(g,{id:t.other_user?.id??t.id,name:f(t),picture:t.picture_url||t.other_user?.picture_url,size:36})}
            <span class="person-texts"><span class="person-name" dir="auto">${f(t)}</span>${t.item&&a`<span class="person-detail" dir="auto">${t.item.title}</span>`}</span>
          </label>
        </li>`)}
    </ul>
    ${!d.length&&a`<p class="dialog-text">${i("message.forward_none")}</p>`}`)}function M(e,n){e.screen.openDialog(o=>u(k,{store:e,message:n,onClose:o}))}export{M as openForward};
