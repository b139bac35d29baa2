/** The commonest small words of languages in Latin script; what several share tells little and counts for all of them. */
export const stopWords: Record<string, string> = {
  en: 'the and of to in is that it was for on are with as this be at by not you from have they we his her which or an but what when can will there their your our my please how do does would should could about if me',
  de: 'der die das und ist nicht ein eine einen zu den mit von sich auf für auch es im dem ich wir sie er wie bei oder aus nach noch nur wenn aber kann wird werden sind war haben hat dass als bitte mein meine ihre über was',
  fr: 'le la les et des est une un dans que qui pour pas sur avec ce cette il elle nous vous je ne se au aux du par plus sont mais ou être fait comme tout mon ma mes votre leur leurs été quand très bien où',
  es: 'el la los las y de que en un una es por con no para se su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante mi qué yo está son fue',
  pt: 'o a os as e de que em um uma é por com não para se do da dos das no na ao mais mas como seu sua ou quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos ser está são foi você minha meu',
  it: 'il lo la i gli le e di che è un una in per non con si da del della dei delle al alla ma come più anche sono questo questa ho ha nel nella io mi ci se suo sua o quando molto tutto essere stato dove perché cosa sulla',
  nl: 'de het een en van ik te dat die in is niet op aan met als voor er maar om hij ze zijn ook dan wij je bij nog naar worden wordt door over uit kan heeft hebben geen wat hun deze mijn was moet zou veel',
  sv: 'och att det som en på är av för med den till inte om ett han men var jag sig från vi så kan när nu ska har de hon där mig eller alla också sina blir efter utan mycket min vad hur mitt din',
  da: 'og at det som en på er af for med den til ikke om et han men var jeg sig fra vi så kan når nu skal har de hun der mig eller alle også blev efter uden meget min hvad hvordan mit din kunne ville blive noget være',
  no: 'og at det som en på er av for med den til ikke om et han men var jeg seg fra vi så kan når nå skal har de hun der meg eller alle også ble etter uten mye min hva hvordan mitt din kunne ville bli noe være hvor',
  fi: 'ja on ei se että hän oli mutta kun niin kuin tai myös jos ovat minä sen hänen vain mitä joka ole olen olet tämä tämän siitä voi kanssa sekä jo nyt mikä miten missä koska pitää minun olisi ovat hyvin',
  pl: 'i w nie na się z do to że jest o jak po co ale za od tak czy przez dla są był być jego jej już tylko może ma mnie tego które który która przy bardzo lub oraz gdy moje proszę można te ten ta',
  cs: 'a je se v na že to s z do o si jsem by ale jako za co tak po jsou jeho jak být bylo od má při nebo byl pro není který která které už když jen může velmi také jejich prosím mi můj moje kde ve ze',
  tr: 've bir bu da de için ile çok ne o gibi daha en var olarak ama mi kadar sonra değil ben olan her şey diye ya ki onun nasıl neden benim olduğu bana sen biz lütfen veya yok mı göre bütün içinde',
  ro: 'și în de la a o un este pe nu cu că din mai pentru care sunt ce se fi sau dar dacă le au fost ca lui ei am foarte după când cum unde această acest îi mă te să prin fără toate fiind',
  hu: 'a az és hogy nem is egy ez meg de van csak volt már mint ha vagy még mert el én ki azt lehet ezt olyan minden nagyon amikor kell akkor most itt ott vannak után között lesz neki kérem hogyan mi',
  vi: 'là của và có không được cho các một những trong người tôi với để này đã khi thì ra cũng như về từ đến làm bạn nhưng vào ở rất nhiều mà hay sẽ phải anh chị chúng nếu theo đó',
  id: 'yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada bisa oleh atau sudah kami kita mereka anda adalah seperti lebih telah satu saat jika apa hanya dapat tersebut banyak harus tolong bagaimana',
};

/** Letters that only this language, or very few, write; a text that has them leans its way. */
export const ownLetters: Record<string, RegExp> = {
  de: /ß/g,
  es: /[ñ¿¡]/g,
  pt: /[ãõ]/g,
  pl: /[łżźćńśęą]/g,
  cs: /[řěů]/g,
  tr: /[ğışİ]/g,
  ro: /[țăș]/g,
  hu: /[őű]/g,
  vi: /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđươ]/g,
  da: /[æø]/g,
  no: /[æø]/g,
  sv: /ä/g,
  fi: /ää|yö|ään/g,
  fr: /[œ]|(?:\b[dlqcnsj]['’])/g,
};
