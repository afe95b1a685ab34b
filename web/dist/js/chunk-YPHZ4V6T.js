import{l as d,m,p,s as b}from"./chunk-27RTQAVN.js";import{L as i,P as u,q as n,r}from"./chunk-MDBE6VA6.js";var h=6e4;function $(e){return Date.now()-Date.parse(e)<h?n("conversation.seen_just_now"):n("conversation.last_seen",{when:d(e)})}function f(e){return e.kind==="group"?e.title||n("conversation.group"):e.other_user?.name||n("message.unknown_person")}function g({chat:e,nameOf:a}){let l=p(),t=e.other_user,s=t?l.presence(t.id).value:null;if(e.typing.length){let o=e.typing.map(a).filter(Boolean),c=e.kind==="group"&&o.length?n("conversation.typing_names",{names:m(o.slice(0,3)),count:o.length}):n("conversation.typing");return i`<span class="head-status is-typing" data-testid="typing">${c}</span>`}return e.kind==="group"?i`<span class="head-status">${n("conversation.members",{count:e.member_count??0})}</span>`:s?.isOnline?i`<span class="head-status is-online" data-testid="presence">${n("conversation.online")}</span>`:s?.lastSeen?i`<span class="head-status" data-testid="presence">${$(s.lastSeen)}</span>`:null}function w({chat:e,conversation:a}){let l=p(),{screen:t}=l,s=e.other_user,o=f(e),c=s?l.presence(s.id).value.isOnline:!1;return i`
    <header class="conversation-head">
      ${t.isPhone.value&&i`
        <button type="button" class="icon-button head-back" aria-label=${n("conversation.back")} onClick=${()=>l.deselect()}>
          ${r(u,{name:"back",size:22})}
        </button>`}
      <h1 class="head-heading"><button type="button" class="head-person" aria-expanded=${t.details.value} data-testid="open-details"
        aria-label=${n("conversation.show_details",{name:o})} onClick=${()=>{t.details.value=!t.details.value}}>
        ${r(b,{id:s?.id??e.id,name:o,picture:e.kind==="group"?e.picture_url:s?.picture_url,size:40,isOnline:c})}
        <span class="head-texts">
          <span class="head-name" dir="auto">${o}</span>
          ${r(g,{chat:e,nameOf:v=>a.nameOf(v)})}
        </span>
      </button></h1>
      <button type="button" class="icon-button" aria-label=${n("conversation.search")} title=${n("conversation.search")} aria-pressed=${a.isSearching.value}
        data-testid="search-conversation" onClick=${()=>{a.isSearching.value=!a.isSearching.value}}>
        ${r(u,{name:"search"})}
      </button>
      <button type="button" class="icon-button" aria-label=${n("conversation.details")} title=${n("conversation.details")}
        onClick=${()=>{t.details.value=!t.details.value}}>
        ${r(u,{name:"info"})}
      </button>
    </header>`}export{$ as a,f as b,w as c};
