import{L as l,P as i,q as r,r as s}from"./chunk-MDBE6VA6.js";function d(t,n){return t.includes(n)?t.filter(a=>a!==n):[...t,n]}function b({name:t,chosen:n,onToggle:a}){let o=n.filter(e=>typeof e=="string"),u=t!==""&&!o.includes(t);return!o.length&&!u?null:l`
    <ul class="people" aria-label=${r("chats.username")}>
      ${o.map(e=>l`
        <li key=${e}>
          <button type="button" class="menu-item" aria-pressed="true" onClick=${()=>a(e)}>
            <span class="round-icon">${s(i,{name:"person"})}</span>
            <span class="menu-label" dir="auto">${e}</span>${s(i,{name:"check"})}
          </button>
        </li>`)}
      ${u&&l`
        <li key="new">
          <button type="button" class="menu-item" data-testid="add-by-username" onClick=${()=>a(t)}>
            <span class="round-icon">${s(i,{name:"plus"})}</span>
            <span class="menu-label" dir="auto">${r("chats.add_by_username",{name:t})}</span>
          </button>
        </li>`}
    </ul>`}export{d as a,b};
