try{let{theme:e}=JSON.parse(localStorage.getItem("chatapp.preferences")??"{}");(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e)}catch{}
