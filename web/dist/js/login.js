import{B as x,E as C,L as i,P as N,S as B,T as L,b as y,d as k,l as E,m as S,n as _,o as b,q as n,r as l,u as A,w as u,y as M}from"./chunk-MDBE6VA6.js";function P(){let t=document.querySelector("meta[name='demo-accounts']");return t instanceof HTMLMetaElement&&t.content?JSON.parse(t.content):[]}function I(t){let e=new URLSearchParams(t).get("next")??"";return/^\/(chat|admin)(?=$|[/?#])/.test(e)?e:"/chat"}function U({client:t}){let[e,f]=u(!1),[$,r]=u(!1),[w,g]=u(""),[o,s]=u({}),h=x(P,[]);M(()=>{document.title=n(e?"login.sign_up":"login.log_in")},[e,b.value]);let m=async a=>{r(!0),g(""),s({});try{await a,location.replace(I(location.search))}catch(c){r(!1),c instanceof y&&s(c.fields),g(T(c))}},D=a=>{a.preventDefault();let c=new FormData(a.currentTarget),d=G=>String(c.get(G)??""),{auth:v}=t;m(e?v.signup({username:d("username").trim(),email:d("email").trim(),password:d("password"),name:d("name").trim()||void 0}):v.login(d("login").trim(),d("password")))},F=()=>{f(!e),g(""),s({})};return i`
    <div class="login">
      <main class="login-card">
        ${l(O,{})}
        <h1 class="login-title">${n(e?"login.welcome_new":"login.welcome")}</h1>
        <p class="login-tagline">${n("login.tagline")}</p>
        <form class="login-form" onSubmit=${D} novalidate>
          ${e&&l(p,{key:"name",label:n("login.name"),name:"name",autocomplete:"name",error:o.name,isOptional:!0})}
          ${e&&l(p,{key:"username",label:n("login.username"),name:"username",autocomplete:"username",error:o.username})}
          ${e&&l(p,{key:"email",label:n("login.email"),name:"email",type:"email",autocomplete:"email",error:o.email})}
          ${!e&&l(p,{key:"login",label:n("login.login"),name:"login",autocomplete:"username",error:o.login,hasFocus:!0})}
          ${l(p,{key:"password",label:n("login.password"),name:"password",type:"password",autocomplete:e?"new-password":"current-password",error:o.password})}
          <p class="login-error" role="alert" data-testid="login-error">${w}</p>
          <button type="submit" class="button is-primary is-wide" disabled=${$} data-testid="login-submit">${n(e?"login.sign_up":"login.log_in")}</button>
        </form>
        <button type="button" class="link-button login-swap" data-testid="login-swap" onClick=${F}>${n(e?"login.have_account":"login.new_account")}</button>
        ${!e&&h.length>0&&i`
          <section class="login-demo" aria-labelledby="login-demo">
            <h2 id="login-demo" class="login-demo-title">${n("login.choose_demo")}</h2>
            <div class="login-demo-list">
              ${h.map(({username:a,password:c})=>i`
                <button key=${a} type="button" class="button" disabled=${$} data-testid=${`demo-${a}`}
                  onClick=${()=>m(t.auth.login(a,c))}>${a}</button>`)}
            </div>
          </section>`}
      </main>
      <footer class="login-foot">
        <label class="visually-hidden" for="login-language">${n("login.language")}</label>
        <select id="login-language" class="login-language" value=${b.value} data-testid="login-language"
          onChange=${a=>B({language:a.currentTarget.value})}>
          ${S.map(a=>i`<option key=${a} value=${a} lang=${a}>${_[a]}</option>`)}
        </select>
        <a href="/swagger/">${n("shell.api")}</a>
      </footer>
    </div>`}function p({label:t,name:e,type:f="text",autocomplete:$,error:r,hasFocus:w=!1,isOptional:g=!1}){let o=C(),[s,h]=u(!1),m=f==="password";return i`
    <div class="field">
      <label class="field-label" for=${o}>${t}</label>
      <div class="login-input">
        <input id=${o} class="input" name=${e} type=${m&&s?"text":f} autocomplete=${$} required=${!g}
          autocapitalize="none" spellcheck=${!1} autofocus=${w} aria-invalid=${r?"true":void 0}
          aria-describedby=${r?`${o}-error`:void 0} data-testid=${`login-${e}`} />
        ${m&&i`
          <button type="button" class="icon-button is-small" aria-pressed=${s} aria-label=${n(s?"login.hide_password":"login.show_password")}
            onClick=${()=>h(!s)}>${l(N,{name:s?"hide":"show",size:18})}</button>`}
      </div>
      ${r&&i`<span id=${`${o}-error`} class="field-error">${r}</span>`}
    </div>`}function O(){return i`
    <svg class="login-mark" width="56" height="56" viewBox="0 0 56 56" aria-hidden="true" focusable="false">
      <rect class="login-mark-back" width="56" height="56" rx="18" />
      <path class="login-mark-front" d="M17 16h22a6 6 0 0 1 6 6v9a6 6 0 0 1-6 6H28l-8 7v-7h-3a6 6 0 0 1-6-6v-9a6 6 0 0 1 6-6" />
      <path class="login-mark-line" d="M19 24h18M19 30h11" />
    </svg>`}function T(t){return t instanceof y?Object.keys(t.fields).length?"":t.message:t instanceof k?t.retryAfter===null?n("shell.unanswered"):n("login.wait",{seconds:Math.ceil(t.retryAfter)}):(reportError(t),n("login.failed"))}L().then(()=>{let t=new E({language:()=>b.value,shareSocket:!1,persist:!1}),e=document.getElementById("app");e.replaceChildren(),A(l(U,{client:t}),e)},t=>{reportError(t);let e=document.getElementById("start-error");e&&(e.hidden=!1)});export{I as destination};
