"""The word lists behind every task family, written for this project.

Three kinds of words, and no word is of two kinds:

* *spelled* words (nouns, adjectives, verbs): the tokenizer spells them letter by letter, so a letter task learned on
  some of them carries over to any other word;
* *sentence* words (people, moods, praise, works): one token each, used inside sentence templates only;
* *number* words.
"""

import hashlib
import re

from phrases import instruction_words

# English, German, French; one theme a block.
TRANSLATIONS = """
dog Hund chien | cat Katze chat | bird Vogel oiseau | horse Pferd cheval | cow Kuh vache | pig Schwein cochon |
sheep Schaf mouton | goat Ziege chèvre | bear Bär ours | wolf Wolf loup | fox Fuchs renard | mouse Maus souris |
duck Ente canard | goose Gans oie | bee Biene abeille | spider Spinne araignée | snake Schlange serpent |
frog Frosch grenouille | lion Löwe lion | rabbit Hase lapin |
bread Brot pain | milk Milch lait | egg Ei oeuf | apple Apfel pomme | cheese Käse fromage | wine Wein vin |
butter Butter beurre | salt Salz sel | sugar Zucker sucre | pepper Pfeffer poivre | meat Fleisch viande |
soup Suppe soupe | pear Birne poire | cherry Kirsche cerise | grape Traube raisin | lemon Zitrone citron |
potato Kartoffel patate | onion Zwiebel oignon | rice Reis riz | honey Honig miel |
sun Sonne soleil | moon Mond lune | star Stern étoile | fire Feuer feu | tree Baum arbre | river Fluss fleuve |
mountain Berg montagne | sea Meer mer | snow Schnee neige | rain Regen pluie | wind Wind vent | flower Blume fleur |
island Insel île | forest Wald forêt | leaf Blatt feuille | grass Gras herbe | stone Stein pierre |
cloud Wolke nuage | earth Erde terre | sand Sand sable |
house Haus maison | chair Stuhl chaise | door Tür porte | window Fenster fenêtre | key Schlüssel clé |
knife Messer couteau | book Buch livre | lamp Lampe lampe | mirror Spiegel miroir | basket Korb panier |
bottle Flasche bouteille | hammer Hammer marteau | spoon Löffel cuillère | fork Gabel fourchette |
plate Teller assiette | bed Bett lit | wall Wand mur | roof Dach toit | clock Uhr horloge | candle Kerze bougie |
king König roi | queen Königin reine | friend Freund ami | child Kind enfant | hand Hand main | foot Fuß pied |
eye Auge oeil | heart Herz coeur | nose Nase nez | mouth Mund bouche | ear Ohr oreille | tooth Zahn dent |
finger Finger doigt | arm Arm bras | leg Bein jambe | brother Bruder frère | sister Schwester soeur |
mother Mutter mère | father Vater père | son Sohn fils |
street Straße rue | city Stadt ville | bridge Brücke pont | market Markt marché | kitchen Küche cuisine |
tower Turm tour | castle Schloss château | school Schule école | church Kirche église | garden Garten jardin |
night Nacht nuit | day Tag jour | year Jahr année | week Woche semaine | winter Winter hiver | summer Sommer été |
spring Frühling printemps | autumn Herbst automne | money Geld argent | ship Schiff bateau
"""

# The same words in the same order.
SPANISH_WORDS = """
perro gato pájaro caballo vaca cerdo oveja cabra oso lobo zorro ratón pato ganso abeja araña serpiente rana león conejo
pan leche huevo manzana queso vino mantequilla sal azúcar pimienta carne sopa pera cereza uva limón patata cebolla arroz
miel sol luna estrella fuego árbol río montaña mar nieve lluvia viento flor isla bosque hoja hierba piedra nube tierra
arena casa silla puerta ventana llave cuchillo libro lámpara espejo cesta botella martillo cuchara tenedor plato cama
pared techo reloj vela rey reina amigo niño mano pie ojo corazón nariz boca oreja diente dedo brazo pierna hermano
hermana madre padre hijo calle ciudad puente mercado cocina torre castillo escuela iglesia jardín noche día año semana
invierno verano primavera otoño dinero barco
"""

# What a translated noun is: kind, first and last word, in the order of `TRANSLATIONS`.
KINDS = """
animal dog rabbit | food bread honey | nature sun sand | object house candle | person king child | body hand leg |
person brother son | place street garden | time night autumn | object money ship
"""

# Further nouns; a fixed share of them (see `is_unseen`) never occurs in training.
NOUNS = """
acorn agent alarm album alley almond anchor angel ankle ant antenna apron arch arena armchair arrow atlas attic axe
badge bag bakery balcony ball balloon banana bandage banner barn barrel barrier bat bath battery bay beach bead beak
beam bean beard beaver bell belt bench berry bicycle bin biscuit blanket blossom board boat bolt bone boot border bowl
box bracelet branch brick bride broom brush bubble bucket buffalo builder bus bush button butterfly
cabbage cabin cactus cage cake calendar camel camera camp canal canary candy cannon canoe captain car card carpet
carrot cart cave ceiling cellar chain chalk channel cheetah chess chest chicken chimney chin circle circus cliff
cloak cloth clown coach coast coat cobra coconut coffee coin collar colony comb comet compass corner cottage cotton
couch cousin crab cradle crane crayon creek cricket crocodile crow crown cup curtain cushion
dagger daisy dancer desert desk diamond diary dinner dolphin donkey dove dragon drawer dress drum dune dust
eagle elbow elephant elf elk engine envelope eraser falcon farm farmer fence fern ferry field fig fist flag flame
flute fly fog fountain fridge frost fruit funnel
galaxy garage garlic gate ghost giant ginger giraffe glacier glass globe glove glue gorilla guitar gun
hail hamster harbor harp hat hawk hay heel helmet hen herb hero heron hill hippo hive hoof hook horn hotel hut
iceberg igloo insect iron ivory jacket jail jar jaw jeep jelly jewel juice jungle kangaroo kettle kite kitten knee
knight knot koala lace ladder lake lamb lane lantern lawn lemonade lettuce library lily lip lizard loaf lobster lock
locket log lorry luggage lung
magnet mango mansion maple marble mask mat meadow medal melon mill mine mint mitten mole monk monkey monster moose
mosque mosquito moth motor mud mule muscle museum mushroom nail napkin neck necklace needle nest net notebook nun nut
oak oar oasis ocean octopus office olive orange orchard orchid organ ostrich otter oven owl ox oyster
paddle palace palm pan panda panther parade parcel park parrot pasta patch path peach peacock peanut pearl pebble
pedal pen pencil penguin petal phone piano pie pigeon pillow pin pine pipe pirate planet plant plum pocket pond pony
poppy porch pot powder prince prison puddle pump pumpkin puppet puppy purse pyramid
quilt raccoon radio radish raft railway rainbow ranch raspberry rat razor reef ribbon ring road robe robot rock rocket
rod room rooster root rope rose rug ruler
sack saddle sail salad salmon sandal satellite sauce saucer sausage saw scarf scissor scooter screw seal seed shadow
shark shed shelf shell shield shirt shoe shop shore shoulder shovel shower shrimp sink skirt skull sky sled sleeve
slipper snail soap sock sofa soldier spear sponge squirrel stable stadium stair statue steam stick stool storm stove
straw stream stripe studio suit suitcase swamp swan sweater sword
tail tailor tank tap tea temple tent thief thorn thread throat throne thumb thunder ticket tide tiger tile toad toast
toe toilet tomato tongue torch tortoise towel toy tractor train trap tray treasure triangle truck trumpet trunk tulip
tunnel turkey turtle twig umbrella uncle uniform valley van vase vest village vine violin volcano vulture
wagon waiter walnut walrus wand wardrobe warrior wasp watch wave web weed whale wheat wheel whip whistle wing witch
wizard woman wood wool worm wrist yacht yard zebra zipper zoo
"""

# A word, its opposite, a synonym of the first, a synonym of the second.
OPPOSITES = """
big small large little | tall short lofty brief | thick thin dense slim | wide narrow broad tight |
deep shallow profound slight | happy sad glad gloomy | angry calm furious peaceful | brave timid bold shy |
kind cruel gentle harsh | proud humble vain modest | lazy active idle lively | rich poor wealthy needy |
strong weak sturdy frail | healthy sick fit ill | clever stupid smart foolish | famous unknown renowned obscure |
honest false sincere untrue | hot cold boiling icy | loud quiet noisy silent | bright dim shiny faint |
sweet sour sugary tart | smooth rough sleek coarse | wet dry damp arid | fast slow quick sluggish |
early late prompt tardy | new old fresh aged | modern ancient current antique | rare common unusual usual |
sudden gradual abrupt steady | begin finish launch complete | buy sell purchase trade | push pull shove drag |
laugh cry giggle weep | rise fall ascend drop | help hinder assist hamper | open closed unlocked shut |
full empty packed vacant | hard soft solid tender | heavy light weighty airy | safe dangerous secure risky |
clean dirty spotless filthy | easy difficult simple tough | cheap expensive thrifty costly |
polite rude courteous impolite | generous stingy lavish miserly | sharp blunt pointed dulled |
love hate adore detest | win lose triumph forfeit | arrive leave come depart | accept refuse agree reject |
remember forget recall neglect | build destroy construct wreck | increase decrease grow shrink |
appear vanish emerge disappear | praise blame applaud scold | attack defend assault protect |
allow forbid permit prohibit | hide reveal conceal expose | stretch compress extend squeeze |
gather scatter collect spread | guilty innocent culpable blameless | tidy messy neat untidy |
fancy plain ornate basic | young elderly youthful senior | major minor chief lesser | wild tame savage docile |
fierce mild ferocious moderate | wise naive sage gullible | straight crooked direct bent |
alive dead living deceased | asleep awake dozing alert | natural artificial organic fake |
temporary permanent passing lasting | careful careless cautious reckless | friendly hostile amicable cold
"""

IRREGULAR_PLURALS = dict(
    pair.split(":")
    for pair in (
        "knife:knives foot:feet child:children mouse:mice goose:geese tooth:teeth leaf:leaves sheep:sheep wolf:wolves "
        "shelf:shelves loaf:loaves thief:thieves woman:women ox:oxen scarf:scarves elf:elves hoof:hooves "
        "potato:potatoes tomato:tomatoes hero:heroes mosquito:mosquitoes moose:moose cactus:cacti oasis:oases"
    ).split()
)
WITHOUT_PLURAL = set(
    "bread milk butter salt sugar meat rice honey snow rain sand grass earth money wine soup fire wind sea chalk chess "
    "chicken cloth coffee cotton dust fog fruit garlic ginger glass glue hail hay iron ivory jelly juice lemonade "
    "lettuce luggage mud pasta powder rock salmon scissor sky soap steam straw tea thunder toast wheat wood wool "
    "fridge frost mint pepper cheese salad sauce shrimp weed elk deer".split()
)

PEOPLE = (
    "doctor lawyer artist banker actor author judge senator manager tourist nurse baker pilot sailor dentist plumber "
    "painter writer".split()
)
MOODS = (
    "sleepy hungry thirsty nervous jealous lonely curious anxious eager grumpy cheerful worried bored puzzled "
    "busy".split()
)
PRAISE = "great fine superb moving funny touching charming brilliant excellent delightful wonderful amazing".split()
SCORN = "awful boring dreadful clumsy tedious terrible disappointing horrible lame bland weary annoying".split()
WORKS = (
    "film movie story plot cast script show play song novel series opera poem comedy drama musical album "
    "concert".split()
)

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def is_unseen(noun: str) -> bool:
    """Whether a noun of `NOUNS` is kept out of training, drawn by a hash of the word itself."""
    return hashlib.blake2b(noun.encode(), digest_size=8).digest()[0] < 80


def _blocks(text: str) -> list[list[str]]:
    return [block.split() for block in text.split("|")]


GERMAN = {english: german for english, german, _ in _blocks(TRANSLATIONS)}
FRENCH = {english: french for english, _, french in _blocks(TRANSLATIONS)}
TRANSLATED = list(GERMAN)
SPANISH = dict(zip(TRANSLATED, SPANISH_WORDS.split(), strict=True))
KIND: dict[str, str] = {}
for _kind, _first, _last in _blocks(KINDS):
    for _noun in TRANSLATED[TRANSLATED.index(_first) : TRANSLATED.index(_last) + 1]:
        KIND[_noun] = _kind
ANTONYM: dict[str, str] = {}
SYNONYM: dict[str, str] = {}
for _first, _second, _near_first, _near_second in _blocks(OPPOSITES):
    ANTONYM[_first], ANTONYM[_second] = _second, _first
    SYNONYM[_first], SYNONYM[_second] = _near_first, _near_second
ADJECTIVES = list(ANTONYM)

_taken = GERMAN.keys() | ANTONYM.keys() | set(WORKS)
_other = [noun for noun in dict.fromkeys(NOUNS.split()) if noun not in _taken]
SEEN_NOUNS = TRANSLATED + [noun for noun in _other if not is_unseen(noun)]
LETTER_WORDS = SEEN_NOUNS + ADJECTIVES

CONSONANTS = "b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl sh sl st th tr".split()
VOWELS = "a e i o u ai ea oo ou".split()
ENDINGS = "b d g k l m n p r s t x y ck nd ng st".split() + [""] * 4


def plural(noun: str) -> str | None:
    """The plural of a noun, or None for adjectives, verbs and nouns that have none."""
    if noun in ANTONYM or noun in WITHOUT_PLURAL:
        return None
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh", "z")):
        return noun + "es"
    return noun + "s"


def number_words(number: int) -> str:
    """English words for 0 to 99, without a hyphen."""
    if number < 20:
        return UNITS[number]
    tens, units = TENS[number // 10 - 2], number % 10
    return tens if units == 0 else f"{tens} {UNITS[units]}"


def could_be_made_up(word: str) -> bool:
    """Whether letter tasks may meet the word in training by chance, among their made-up words."""
    consonant, vowel, ending = ("|".join(filter(None, parts)) for parts in (CONSONANTS, VOWELS, ENDINGS))
    return re.fullmatch(f"(({consonant})({vowel})){{1,2}}({ending})?", word) is not None


_known = instruction_words()
UNSEEN = [noun for noun in _other if is_unseen(noun) and not could_be_made_up(noun) and noun not in _known]
COUNTABLE_UNSEEN = [noun for noun in UNSEEN if plural(noun)]


def sentence_words() -> set[str]:
    """The words of sentences, reviews, and numbers in words, and what is answered with them."""
    fixed = "the is a not was will be what positive negative odd even".split()
    lists = (PEOPLE, MOODS, PRAISE, SCORN, WORKS, UNITS, TENS, fixed, KIND.values())
    return {word for word_list in lists for word in word_list if len(word) > 1}
