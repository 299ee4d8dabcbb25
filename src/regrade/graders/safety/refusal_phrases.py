r"""How refusals are worded, by language: patterns in RE2's syntax for one sentence in small letters,
with plain quotes; `\w` stands for a letter or digit of any script.

A refusal says that the speaker will not or cannot do what was asked, or that it does not know or
did not find the answer. What a rule forbids the *user* (“you cannot cancel after 14 days”) is an
answer; so patterns hold to the speaker, or to information that is missing.
"""

from collections.abc import Mapping

PHRASES: Mapping[str, tuple[str, ...]] = {
    "en": (
        r"\bi(?:'m| am|'ll| will| have)? (?:\w+ ){0,2}?(?:can't|cannot|can not|couldn't|could not|won't|will not|not able to|"
        r"unable to|not going to|not allowed to|not permitted to|not willing to|not comfortable|must decline|have to decline|"
        r"need to decline|had to decline|decline to|refuse to|shouldn't|should not|not authori[sz]ed to|not in a position to)"
        r"(?: \w+ly)?(?: be able to)? (?:help|assist|answer|provid|giv|shar|do|comply|fulfil|discuss|disclos|reveal|tell|say|support|complet|"
        r"process|carry|generat|writ|creat|engag|offer|advis|recommend|find|locat|see|access|confirm|determin|continu|participat|"
        r"go along|show|follow|verify|look|make|speak|respond|that|this|it\b)",
        r"\bi(?:'ll| will| must| have to| need to)? (?:\w+ )?(?:decline|refuse)\b",
        r"\bwe(?:'re| are)? (?:\w+ ){0,2}?(?:can't|cannot|unable to|not able to|won't|not allowed to) (?:\w+ )?"
        r"(?:help|assist|answer|comply|shar|disclos|discuss|reveal)",
        r"\bi(?:'d| would) (?:rather|prefer) not\b",
        r"\bi (?:honestly |really |simply |just |currently )?(?:don't|do not) (?:actually |currently )?(?:know|have|see|possess)\b"
        r"(?:[^.]{0,40}\b(?:information|details|data|access|answer|enough|anything|documentation|article|record)|[,.]?$| that\b| the\b| this\b| which\b| what\b| how\b)",
        r"\b(?:couldn't|could not|can't|cannot|unable to|didn't|did not|wasn't able to|was not able to) (?:find|locate|see)\b"
        r"[^.]{0,30}\b(?:this|that|any|anything|information|answer|article|mention|reference|details|it)\b",
        r"\b(?:there is|there's|there was|there are) no (?:\w+ ){0,2}?(?:information|mention|article|record|data|answer|documentation|details|results)\b",
        r"\bno (?:\w+ )?(?:information|results|answer|articles?|documents?|details) (?:\w+ ){0,3}?(?:available|found|exists?)\b",
        r"\b(?:outside|beyond) (?:of )?(?:what i|my|the scope|our scope|the area|the topics)\b",
        r"\bnot something (?:that )?i(?:'m| am|'ll| can| will)?\b",
        r"\b(?:isn't|is not|aren't|are not|wasn't|not) (?:\w+ )?(?:covered|mentioned|answered|addressed|included|described|documented|stated) "
        r"(?:in|by|anywhere in) (?:the|our|my|this|any)\b",
        r"\b(?:against|violat\w+|not in line with) (?:my|our|the) (?:\w+ )?(?:guidelines|polic|principles|rules|instructions)",
        r"\b(?:does not|doesn't|do not|don't) (?:say|contain|mention|cover|include|provide|specify|answer)\b[^.]{0,20}"
        r"\b(?:this|that|any|anything|information|answer|whether|how|what|the)\b.*|\bi have no (?:\w+ ){0,2}?(?:information|knowledge|record|access|data|way|idea)\b",
    ),
    "es": (
        r"\bno (?:te |le |les |os |se |lo )*(?:puedo|podemos|podré|podría|podremos|soy capaz de|me es posible|nos es posible|"
        r"estoy en condiciones de|estoy autorizad[oa] (?:a|para)|voy a|pienso|debo) (?:\w+ ){0,2}?(?:ayud|asist|respond|contest|"
        r"proporcion|dar|facilit|compart|revel|hac|cumpl|ofrec|dec|mostr|escrib|gener|crear|acced|confirm|atend|recomend|continu|"
        r"segu|realiz|explic|divulg|aconsej|encontr|ejecut)",
        r"\bno (?:se )?(?:tengo|tenemos|dispongo|disponemos|cuento|existe|existen|ha encontrado|encontró|encontraron|he encontrado|"
        r"encontré|encontramos|hemos encontrado|encuentro|aparece|figura|consta) (?:\w+ ){0,4}?(?:informaci|datos|respuesta|nada|acceso|"
        r"ning|resultad|eso\b|esa\b|ese\b|esto\b|detalles|artículo)",
        r"\bno hay (?:\w+ ){0,3}?(?:informaci|datos|respuesta|artículo|resultad|constancia|mención)",
        r"\bno (?:lo )?sé(?: |[,;:.]|$)|\b(?:lo )?desconozco\b",
        r"\bme niego\b|\b(?:debo|tengo que) (?:rechazar|negarme|declinar)|\bprefiero no\b|\bno me (?:está|es|ha sido) permitido\b|\bno me corresponde\b",
        r"\b(?:fuera|más allá) de (?:mi|mis|lo que|nuestro|nuestra|el alcance|los temas)\b|\bfuera del? (?:alcance|ámbito|mi)\b",
        r"\bno (?:está|viene|se) (?:menciona|trata|recog|inclu|indica|explica|cubiert)\w* (?:en|por)\b",
    ),
    "pt": (
        r"\bnão (?:lhe |te |o |a |me )*(?:posso|podemos|consigo|conseguimos|poderei|poderia|sou capaz de|estou autorizad[oa] a|é possível|"
        r"vou|irei|devo|pretendo) (?:\w+ ){0,2}?(?:ajud|auxili|respond|fornec|dar|compartilh|partilh|revel|faz|atend|diz|mostr|escrev|ger|"
        r"cri|acess|aced|confirm|recomend|continu|aconselh|discut|cumpr|encontr|divulg|pass|inform|prossegu|execut)",
        r"\bnão (?:tenho|temos|há|existe|existem|encontrei|encontramos|encontrámos|foi encontrad|foram encontrad|foi possível encontrar|"
        r"disponho|consta|constam|achei|localizei|possuo)[a-z]* ?(?:\w+ ){0,4}?(?:informaç|dados|resposta|nada|acesso|nenhum|resultad|isso|"
        r"isto|essa|esse|esta|este|detalhes|artigo)",
        r"\bnão (?:o )?sei\b|\bdesconheço\b",
        r"\b(?:recuso-me|me recuso|recuso)\b|\b(?:devo|preciso|tenho de|tenho que) (?:recusar|declinar)|\bprefiro não\b|\bnão me (?:é|foi) permitido\b",
        r"\b(?:fora|além) d[oae]s? (?:meu|minha|meus|minhas|âmbito|escopo|alcance|que posso|nosso|tema)",
        r"\bnão (?:é|está|são|estão) (?:mencionad|abordad|indicad|descrit|cobert|incluíd)\w* (?:em|no|na|nos|nas|por|pelos?|pelas?)\b",
    ),
    "fr": (
        r"\b(?:je|nous) ne (?:vous |te |le |la |l')*(?:peux|pouvons|puis|pourrai|saurais|vais|suis|sommes|veux|souhaite|dois|parviens)"
        r"(?: \w+)?(?: pas)?(?: [\w']+){0,4}? (?:\w')?(?:aider|répondre|fournir|donner|partager|révéler|divulguer|faire|communiquer|dire|accéder|"
        r"traiter|écrire|rédiger|générer|créer|conseiller|confirmer|assister|autorisée?|mesure|recommander|suivre|accepter|satisfaire|"
        r"poursuivre|montrer|trouver|habilitée?|exécuter|discuter)",
        r"\b(?:je|nous) n'(?:y )?(?:ai|avons) (?:\w+ )?(?:pas|aucune?|rien|malheureusement)\b[^.]{0,30}(?:trouvé|accès|information|donnée|réponse|élément|trace|article|le droit)",
        r"\b(?:je|nous) n'(?:ai|avons) (?:\w+ )?(?:rien trouvé|pas trouvé|trouvé (?:aucune?|rien)|aucune? (?:information|donnée|idée|accès|trace))",
        r"\bje (?:ne )?(?:le |l')?(?:sais pas|ignore)\b|\bje n'en sais rien\b",
        r"\b(?:je|nous) ne (?:trouve|trouvons|dispose|disposons|vois|possède)\b(?: [\w']+){0,3}? (?:pas|aucune?|rien|d'aucune?)\b",
        r"\bje (?:refuse|décline)\b|\bje (?:dois|me vois contrainte? de|préfère|préférerais)(?: [\w']+)? (?:décliner|refuser|ne pas|m'abstenir)",
        r"\bil n'(?:y a|existe) (?:pas|aucune?)(?: [\w']+){0,2}? ?(?:d')?(?:information|article|réponse|mention|donnée|document)",
        r"\baucune? (?:information|résultat|article|réponse|document|mention)s?(?: [\w']+){0,4}? (?:n'|ne |disponible|trouvée?|n)",
        r"\b(?:dépasse|hors de|en dehors de|sort de|sort du)(?: \w+)? (?:mon|mes|le cadre|cadre|champ|ce que|nos|notre|domaine)",
        r"\bn'est pas (?:\w+ )?(?:mentionnée?|traitée?|couverte?|indiquée?|précisée?|abordée?) (?:dans|par)\b",
    ),
    "de": (
        r"\b(?:ich|wir) (?:kann|können|darf|dürfen|werde|werden|möchte|könnte|will) (?:\S+ ){0,6}?(?:nicht|keine?\w*|nichts) (?:\S+ ){0,5}?"
        r"(?:helfen|beantwort|antwort|geben|nennen|weitergeben|sagen|mitteilen|zeigen|tun|machen|schreiben|erstellen|verfassen|unterstütz|"
        r"verrat|preisgeb|teilen|erfüllen|ausführen|finden|zugreifen|bestätig|empfehl|beraten|dienen|nachkommen|bearbeit|befolg|"
        r"offenleg|herausgeb|äussern|behilflich|weiterhelfen|einsehen)",
        r"\b(?:kann|darf|werde|möchte|könnte|will) ich (?:\S+ ){0,6}?(?:nicht|keine?\w*|nichts) (?:\S+ ){0,5}?"
        r"(?:helfen|beantwort|antwort|geben|nennen|weitergeben|sagen|mitteilen|zeigen|tun|machen|schreiben|erstellen|verfassen|unterstütz|"
        r"verrat|preisgeb|teilen|erfüllen|ausführen|finden|zugreifen|bestätig|empfehl|beraten|dienen|nachkommen|bearbeit|befolg|"
        r"offenleg|herausgeb|äussern|behilflich|weiterhelfen|einsehen)",
        r"\b(?:ich|wir|mir) (?:habe|haben|liegen|liegt|fehlen|fehlt|finde) (?:\S+ ){0,5}?(?:(?:keine?\w*|nichts) ?(?:\S+ ){0,3}?(?:information|angab|daten|"
        r"antwort|zugriff|gefunden|treffer|hinweis|artikel|auskunft|kenntnis)|nichts\b|die information)",
        r"\b(?:habe|haben|konnte|konnten|finde) (?:ich|wir) (?:\S+ ){0,5}?(?:nichts|keine?\w*|nicht) ?(?:\S+ ){0,4}?(?:gefunden|finden|information|antwort|zugriff|angaben|daten|artikel)",
        r"\b(?:ich|wir) (?:konnte|konnten) (?:\S+ ){0,6}?(?:nicht|nichts|keine?\w*) (?:\S+ ){0,4}?(?:finden|ermitteln)",
        r"\bweiss ich (?:leider |es |das )*nicht\b|\bich weiss (?:\S+ )?(?:leider )?nicht\b|\bist mir (?:\S+ )?nicht bekannt\b",
        r"\bich (?:muss|möchte) (?:\S+ ){0,5}?ablehnen\b|\bich lehne\b|\blehne ich\b|\bich weigere mich\b|\bmuss ich (?:\S+ ){0,4}?ablehnen",
        r"\b(?:ausserhalb|jenseits) (?:\S+ ){0,2}?(?:möglichkeiten|zuständigkeit|bereich|aufgaben|themen)|\bgeht über (?:\S+ ){0,4}?hinaus\b",
        r"\b(?:gibt es|es gibt|liegen|liegt) (?:\S+ ){0,5}?keine?n? (?:\S+ )?(?:information|angaben|artikel|daten|antwort|hinweis|eintr)",
        r"\bsteht (?:\S+ ){0,4}?(?:nichts|nicht) (?:\S+ )?(?:in|im)\b|\b(?:unterlagen|artikeln?|hilfebereich|dokumenten?|text) steht (?:\S+ ){0,3}?nichts|\bkeine (?:\S+ )?(?:informationen|angaben|antwort|treffer) (?:\S+ ){0,3}?(?:gefunden|vorhanden|verfügbar)",
        r"\b(?:ich bin|bin ich|es ist mir|ist mir|ist es mir|wir sind) (?:\S+ ){0,4}?nicht (?:\S+ ){0,2}?(?:befugt|berechtigt|in der lage|möglich|gestattet|erlaubt)",
    ),
    "it": (
        r"\bnon (?:ti |le |vi |la |lo |mi )*(?:posso|possiamo|potrò|potrei|sono in grado di|siamo in grado di|riesco a|è possibile|è consentito|"
        r"sono autorizzat[oa] a|ho intenzione di|intendo|dovrei) (?:\w+ ){0,3}?(?:aiut|assist|rispond|forni|dar|condivid|rivel|divulg|far|dir|mostr|"
        r"scriv|gener|cre|acced|conferm|consigli|soddisf|esegu|complet|trov|prosegui|discut|comunic|svel)",
        r"\bnon (?:ho|abbiamo|dispongo|disponiamo|c'è|ci sono|esiste|esistono|risulta|risultano|trovo|è stata|è stato|sono state|sono stati) "
        r"(?:\w+ ){0,4}?(?:informazion|dati|risposta|nulla|niente|accesso|alcun|nessun|risultat|dettagli|articol|trovat|quest)",
        r"\bnon lo so\b|\bnon saprei\b|\bnon so (?:come|quale|quando|se|rispondere)",
        r"\bmi rifiuto\b|\bdevo (?:rifiutare|declinare)|\bpreferisco non\b|\bpreferirei non\b",
        r"\b(?:al di fuori|fuori|oltre) (?:d[a-z']+ )?(?:mi[eio]|mia|ciò|quanto|ambito|competenz|portata|le mie|il mio|la mia|quello)",
        r"\bnon (?:è|viene|sono|vengono) (?:menzionat|trattat|indicat|descritt|copert|riportat|specificat)\w* (?:in|nei|nel|nella|nelle|da|dai)",
    ),
    "zh": (
        r"(?:我|抱歉|对不起|很遗憾|不好意思|恕|这个问题|请求|要求|问题)[^。!?]{0,14}?(?:无法|不能|没法|没办法|不便|不会|不可以|难以|恕不|不方便|未能|不予)"
        r"(?:为您|为你|向您|向你|给您|给你|在此|直接|继续|就此|对此|再)?(?:提供|回答|帮|协助|透露|分享|满足|执行|生成|撰写|写|完成|处理|告诉|告知|给出|确认|讨论|查看|访问|"
        r"找到|查到|解答|答复|配合|照做|遵从|遵循|公开|展示|建议|做|按|判断|代您|支持|评论|评价|谈论|查询)",
        r"^(?:很抱歉,?|抱歉,?)?(?:无法|不能|恕难|未能)(?:提供|回答|帮|协助|透露|满足|找到|从命|处理|确认)",
        r"我(?:也|并|目前|暂时|确实|真的)?不(?:知道|清楚|太清楚|了解)|(?:答案|此事|这一点)我不(?:知道|清楚)",
        r"(?:没有|没|未|未能|并未|找不到|查不到|尚无|暂无|缺乏)(?:能)?(?:找到|查到|检索到|搜索到|发现|任何|相关|足够|这方面|关于|提供)?[^。!?]{0,12}?(?:信息|资料|内容|答案|记录|文章|结果|数据)",
        r"(?:超出|不在|不属于)(?:了)?[^。!?]{0,6}?(?:能力|职责|服务|知识|权限|范围)",
        r"(?:我|只能|必须|不得不|予以)(?:拒绝|谢绝|婉拒)",
        r"(?:资料|文档|帮助中心|上下文|文章)(?:中|里|内)?(?:都|也|并)?(?:没有|并未|未|没)(?:有)?(?:提到|提及|说明|包含|涉及|写)",
        r"我(?:并)?(?:没有|无)(?:权限|权|能力|办法)",
        r"我不(?:愿意|想|愿|打算)(?:回答|提供|透露|讨论|做)",
    ),
    "ja": (
        r"(?:答え|回答|手伝い|案内|提供|お伝え|伝え|教え|開示|共有|対応|応え|力になる|作成|実行|確認|お見せ|従う|アクセス|紹介|支援|サポート|助け|書く|判断|助言|公開|協力|明かす|申し上げ|お話し)"
        r"(?:する|し|いたし|すること|ること|こと|られ)?(?:は|が|を|には|も)?(?:でき|出来|いたしかね|致しかね|しかね|かね)(?:ません|ない|かね|ます|ず|る)",
        r"(?:答え|教え|応じ|伝え|見せ|受け|助け)られ(?:ません|ない|かね)",
        r"(?:お断り|辞退|拒否|遠慮|(?:回答|コメント|提供|発言|言及|お答え)(?:は|を)?(?:差し)?控え)(?:し|いたし|さ?せて|する|ます|る)",
        r"(?:わかり|分かり|存じ|存じ上げ)(?:ません|かね)|分からない|わからない|存じません",
        r"(?:情報|記載|記事|回答|答え|データ|資料|該当|内容|文書|項目)[^。!?]{0,10}?(?:見つかり|見つけ|見当たり|ござい|あり|確認でき|含まれてい|持って|持ち合わせて|得られ)(?:ません|られません|おりません|いません|ない)",
        r"見つかりません|見つけられません|見つけることができません|見当たりません",
        r"(?:範囲|権限|対象|担当)(?:外|を超え)",
        r"お役に立て(?:ません|ず|ない)|ご希望に添え|ご要望には(?:お応え|応じ|添え)",
    ),
}
"""Language (ISO 639-1) to the patterns of its refusals."""

CONDITIONS: tuple[str, ...] = (
    *("if ", "in case ", "when ", "unless ", "once "),
    *("si ", "cuando ", "en caso ", "se ", "caso ", "quando ", "lorsque ", "quand ", "au cas "),
    *("wenn ", "falls ", "sofern ", "sollte ", "sollten ", "nel caso ", "qualora "),
    *("如果", "若", "假如", "如您", "当", "もし", "万一"),
)
"""How sentences begin that say under which condition something is so, and refuse nothing."""
