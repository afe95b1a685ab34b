import{E as w,F as R,i as I,p as d,s as L}from"./chunk-27RTQAVN.js";import{E as g,L as o,P,Q as _,R as y,S as x,m as v,n as C,o as E,q as e,r as a,w as p,y as f}from"./chunk-MDBE6VA6.js";function h(n){let[t,i]=p(null),[l,r]=p(!1),[c,s]=p(0);return f(()=>{let u=!0;return n().then(N=>u&&i(()=>N),()=>u&&r(!0)),()=>{u=!1}},[c]),{value:t,failed:l,replace:u=>i(()=>u),reload:()=>{r(!1),s(c+1)}}}function b({onReload:n}){return o`
    <p class="setting-row" role="alert">
      <span class="setting-hint">${e("settings.load_failed")}</span>
      <button type="button" class="link-button" onClick=${n}>${e("shell.try_now")}</button>
    </p>`}function A(){let n=d(),{value:t,failed:i,replace:l,reload:r}=h(()=>n.client.listBlocks());if(i)return a(b,{onReload:r});if(!t)return o`<p class="setting-row setting-hint" role="status">${e("chats.loading")}</p>`;if(!t.length)return o`<p class="setting-row setting-hint">${e("settings.nobody_blocked")}</p>`;let c=async s=>{let S=t.filter(u=>u.id!==s);await n.attempt(n.client.unblock(s).then(()=>l(S)))};return o`
    <ul>
      ${t.map(s=>o`
        <li key=${s.id} class="setting-row">
          ${a(L,{id:s.id,name:s.name,picture:s.picture_url,size:36})}
          <span class="setting-texts" dir="auto">${s.name}</span>
          <button type="button" class="button" onClick=${()=>c(s.id)}>${e("settings.unblock")}</button>
        </li>`)}
    </ul>`}function m({title:n,children:t}){let i=g();return o`
    <section class="setting-section" aria-labelledby=${i}>
      <h2 id=${i} class="setting-title">${n}</h2>
      <div class="setting-card">${t}</div>
    </section>`}function $({label:n,hint:t,isOn:i,isDisabled:l=!1,onChange:r,testId:c}){let s=g();return o`
    <div class="setting-row">
      <span class="setting-texts">
        <span id=${s} class="setting-label">${n}</span>
        ${t&&o`<span id=${`${s}-hint`} class="setting-hint">${t}</span>`}
      </span>
      <button type="button" class="switch" role="switch" aria-checked=${i} aria-labelledby=${s} disabled=${l}
        aria-describedby=${t?`${s}-hint`:void 0} data-testid=${c} onClick=${()=>r(!i)}></button>
    </div>`}function k({label:n,options:t,value:i,onChange:l,testId:r}){let c=g();return o`
    <fieldset class="setting-choice" data-testid=${r}>
      <legend class="setting-label">${n}</legend>
      <div class="choices">
        ${t.map(s=>o`
          <label key=${s.value} class="choice">
            <input type="radio" class="visually-hidden" name=${c} value=${s.value} checked=${s.value===i}
              onChange=${()=>l(s.value)} />
            <span class="choice-label" lang=${s.lang}>${s.label}</span>
          </label>`)}
      </div>
    </fieldset>`}var G=3e3;function D(){let n=d(),[t,i]=p(null),l=t!==null&&!t.url&&t.status!=="failed";f(()=>{if(!l)return;let s=setInterval(()=>n.client.readExport(t.id).then(i,()=>{}),G);return()=>clearInterval(s)},[t?.id,l]);let r=async()=>i(await n.attempt(n.client.requestExport())??null);return o`
    <div class="setting-row">
      <span class="setting-texts" role="status">
        <span class="setting-label">${e("settings.export")}</span>
        <span class="setting-hint">${B(t,l)}</span>
      </span>
      ${t?.url?o`<a class="button is-primary" href=${t.url} download data-testid="export-link">${e("settings.export_download")}</a>`:o`<button type="button" class="button" disabled=${l} data-testid="export" onClick=${r}>${e("settings.export_start")}</button>`}
    </div>`}function B(n,t){return n===null?e("settings.export_hint"):t?e("settings.export_underway"):n.url?n.expires_at?e("settings.export_ready_until",{when:I(n.expires_at)}):e("settings.export_ready"):e("settings.export_failed")}function F(){let n=d(),{value:t,failed:i,replace:l,reload:r}=h(()=>n.client.readPrivacy());if(i)return a(b,{onReload:r});let c=async s=>{l({hide_last_seen:s}),l(await n.attempt(n.client.changePrivacy({hide_last_seen:s}))??{hide_last_seen:!s})};return a($,{label:e("settings.hide_last_seen"),hint:e("settings.hide_last_seen_hint"),testId:"hide-last-seen",isOn:t?.hide_last_seen??!1,isDisabled:t===null,onChange:s=>{c(s)}})}function $t(){let n=d();return o`
    <div class="settings" data-testid="settings">
      <header class="settings-head">
        <button type="button" class="icon-button" aria-label=${e("shell.back")} data-pane-entry onClick=${()=>n.router.back()}>
          ${a(P,{name:"back"})}
        </button>
        <h1>${e("settings.title")}</h1>
      </header>
      <div class="settings-scroller" tabindex="-1">
        <div class="settings-column">
          ${a(m,{title:e("settings.look")},a(k,{label:e("settings.theme"),testId:"theme",value:y.value.theme,options:_.map(t=>({value:t,label:e(`settings.theme_${t}`)})),onChange:t=>x({theme:_.find(i=>i===t)??"system"})}),a(k,{label:e("settings.language"),testId:"language",value:E.value,options:v.map(t=>({value:t,label:C[t],lang:t})),onChange:t=>x({language:v.find(i=>i===t)??"en"})}))}
          ${a(m,{title:e("settings.notifications")},a($,{label:e("settings.notifications_browser"),testId:"browser-notifications",isDisabled:!w(),hint:w()?e("settings.notifications_hint"):e("settings.notifications_missing"),isOn:y.value.notifications,onChange:t=>{R(n,t)}}))}
          ${a(m,{title:e("settings.privacy")},a(F,{}))}
          ${a(m,{title:e("settings.blocked")},a(A,{}))}
          ${a(m,{title:e("settings.data")},a(D,{}))}
        </div>
      </div>
    </div>`}export{$t as SettingsPane};
