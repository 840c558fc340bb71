import { lazyValue } from "./lazy.ts";

/** Function words: they hold sentences together and say nothing of the subject. Without accents lost, in lower case. */
const lists = {
  en: `a about above after again against ain't all almost along already also although always am among an and another any
    anyone anything are aren't around as at away be became because become been before behind being below between both
    but by came can can't cannot come could couldn't did didn't do does doesn't doing don't done down during each either
    else enough even ever every everyone everything few for from further get gets got had hadn't has hasn't have haven't
    having he he'd he'll he's her here here's hers herself him himself his how how's however i i'd i'll i'm i've if in
    indeed instead into is isn't it it'd it'll it's its itself just least less let let's like made make makes many may
    maybe me might mightn't mine more moreover most much must mustn't my myself near neither never no nobody none nor not
    nothing now of off often on once one only onto or other others otherwise ought our ours ourselves out over own per
    perhaps quite rather really same shall shan't she she'd she'll she's should shouldn't since so some someone
    something sometimes somewhat soon still such than that that's the their theirs them themselves then there there's
    therefore these they they'd they'll they're they've thing things this those though through thus to together too
    toward towards two under unless until up upon us very via was wasn't way we we'd we'll we're we've well were weren't
    what what's whatever when when's where where's whether which while who who's whoever whole whom whose why why's will
    with within without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself yourselves`,
  de: `aber als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim bin bis bist da dabei dadurch
    dafür dagegen daher dahin damals damit dann daran darauf daraus darin darüber darum das dass davon davor dazu dein
    deine deinem deinen deiner dem den denn dennoch der deren des deshalb dessen dich die dies diese diesem diesen dieser
    dieses dir doch dort du durch ein eine einem einen einer eines einige einigen einmal er erst es etwas euch euer eure
    euren für gab ganz gar gegen gewesen gibt hab habe haben hast hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr
    ihre ihrem ihren ihrer im immer in indem ins ist ja je jede jedem jeden jeder jedes jedoch jene jetzt kann kein keine
    keinem keinen keiner können könnte konnte konnten man manche mehr mein meine meinem meinen meiner mich mir mit muss
    müssen musste nach nein nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit selbst
    sich sie sind so solche soll sollen sollte sondern sonst soweit sowie über um und uns unser unsere unserem unseren
    unserer unter viel viele vom von vor war waren warum was weder weil weiter welche welchem welchen welcher welches wenn
    wer werde werden wie wieder will wir wird wirst wo wohl wollen wollte worden wurde wurden während würde würden zu zum
    zur zwar zwischen`,
  fr: `a afin ai ainsi alors après as au aucun aucune aussi autre autres aux avaient avait avant avec avez avoir avons c'est
    car ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez comme comment contre d'un d'une dans de
    déjà depuis des dès deux doit donc dont du elle elles en encore entre es est et étaient était étant été être eu eux
    fait fois font fut grâce hors ici il ils j'ai je jusque l'on la là le les leur leurs lors lorsque lui ma mais malgré me
    même mêmes mes moi moins mon n'a n'est ne ni nos notre nous on ont or ou où par parce parfois parmi pas pendant peu
    peut peuvent plus plusieurs plutôt pour pourquoi pouvait près puis qu'il qu'elle qu'on qu'un qu'une quand que quel
    quelle quelles quelque quelques quels qui quoi rien s'est sa sans se sera serait ses seulement si sien soit son sont
    sous souvent sur ta tandis tant te tel telle tes toi ton toujours tous tout toute toutes très trop tu un une vers voici
    voilà vos votre vous y`,
  es: `a acá ahí ahora al algo algún alguna algunas alguno algunos allí ambos ante antes aquel aquella aquellas aquello
    aquellos aquí así aun aún aunque bajo bien cada casi como cómo con contra cual cuál cuales cualquier cuando cuándo
    cuanto de del desde después donde dónde dos durante e el él ella ellas ellos en entonces entre era eran eres es esa
    esas ese eso esos esta ésta está estaba estaban están estar estas este éste esto estos estoy fue fueron fui ha había
    habían haber hace hacia han has hasta hay he incluso la las le les lo los luego más me mediante menos mi mí mientras
    mis misma mismas mismo mismos mucha muchas mucho muchos muy nada ni ningún ninguna ninguno no nos nosotros nuestra
    nuestras nuestro nuestros nunca o os otra otras otro otros para pero poco por porque pues que qué quien quién quienes
    se sea ser será si sí sido siempre sin sino sobre sólo solo somos son soy su sus suya suyo tal también tampoco tan
    tanto te tenía tiene tienen tengo ti todas todavía todo toda todos tras tu tú tus un una unas uno unos usted ustedes
    vosotros y ya yo`,
  it: `a ad agli ai al alcuni alcuna alcune alcuno all'altro alla alle allo allora altra altre altri altro anche ancora
    avere aveva avevano c'è che chi ci cioè circa come con contro cosa così cui d'un d'una da dagli dai dal dalla dalle
    dallo degli dei del dell'altro della delle dello dentro di dopo dove due dunque durante e è ed era erano essa esse essere
    essi esso fa fino fra già gli ha hanno ho i il in infatti insieme invece io l'altro la le lei li lo loro lui ma mai me
    meno mentre mi mia mie miei mio molta molte molti molto ne né negli nei nel nella nelle nello nemmeno neppure nessun
    nessuna nessuno niente noi non nostra nostre nostri nostro o ogni ognuno oltre oppure ora per perché perciò però
    persino più poco poi prima proprio può qua qualche qualcosa quale quali qualunque quando quanto quasi quei quegli
    quel quella quelle quelli quello questa queste questi questo qui quindi sarà se sei sempre senza si sì sia siamo
    siano siete solo sono sopra sotto stata state stati stato stesso su sua subito sue sugli sui sul sulla sulle sullo suo
    suoi tale tali tanto te ti tra tu tua tue tuo tuoi tutta tutte tutti tutto un un'altra una uno verso vi voi vostra
    vostro`,
  pt: `a à agora ainda além algo alguém algum alguma algumas alguns ali ambos ante antes ao aos apenas após aquela aquelas
    aquele aqueles aquilo aqui as às assim até bem cada com como contra contudo da daquele das de dela dele deles depois
    desde dessa desse desta deste do dois dos durante e é ela elas ele eles em embora enquanto entre era eram essa essas
    esse esses esta está estão estar estas estava estavam este estes estou eu foi foram há isso isto já lá lhe lhes logo
    mais mas me menos mesma mesmas mesmo mesmos meu meus mim minha minhas muita muitas muito muitos na nada não nas nem
    nenhum nenhuma nessa nesse nesta neste no nos nós nossa nossas nosso nossos num numa nunca o onde os ou outra outras
    outro outros para pela pelas pelo pelos pois por porém porque portanto pouco qual quais qualquer quando quanto quase
    que quem se seja sem sempre sendo ser será seu seus si sido só sob sobre sou sua suas tal também tanto tão te tem têm
    tendo ter teu tinha tinham toda todas todavia todo todos tu tua tudo um uma umas uns vai você vocês vos`,
  nl: `aan achter af al alle alleen alles als altijd andere anders ben bij bijna binnen boven buiten daar daarna daarom dan
    dat de deze die dit doch doen door dus echter een eens en enige er ergens geen geweest haar had hadden heb hebben heeft
    hem hen het hier hij hoe hun iemand iets ik in indien is ja je jij jou jouw jullie kan konden kon kunnen maar me meer
    meest men met mij mijn moet moeten na naar naast nadat niemand niet niets nog nu of om omdat onder ons onze ook op over
    pas per reeds sinds slechts sommige steeds te tegen tenzij terwijl tijdens toch toen tot totdat tussen u uit uw van
    vanaf veel voor vooral vroeger waar waarom wanneer want waren was wat weer wel welke werd werden wie wil worden wordt
    zal ze zeer zei zelf zich zij zijn zo zoals zodat zonder zou zouden zowel zulke`,
} as const satisfies Readonly<Record<string, string>>;

const sets = lazyValue(
  () => new Map(Object.entries(lists).map(([language, list]) => [language, new Set(list.split(/\s+/))])),
);

/** The languages whose function words are known: `en`, `de`, `fr`, `es`, `it`, `pt`, `nl`. */
export const stopWordLanguages: readonly string[] = Object.keys(lists);

const none: ReadonlySet<string> = new Set();

/** The function words of a language, in lower case, with straight apostrophes; an empty set where none are known. */
export function stopWordsOf(language: string): ReadonlySet<string> {
  return sets().get(language) ?? none;
}
