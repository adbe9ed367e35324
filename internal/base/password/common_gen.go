//go:build ignore

// Common_gen writes common.txt, the common passwords of 12 code points or more.
//
// Lists of leaked passwords are ordered by how often each was seen, and nearly all
// of their head is shorter than 12. What is longer there is built in a few ways,
// and so is this list:
//
//   - a word that people choose, and an ending that a rule or a habit asks for
//     (password123456, senha12345678, flamengo@2024): words in Portuguese and in
//     English, clubs, places, first names, the words of this trade;
//   - a word said again (brasilbrasil, senhasenhasenha);
//   - two words that belong together (mariaeduarda123, flamengocampeao), and short
//     sentences (deusefielsempre, iloveyouforever);
//   - walks over the keyboard, along it and up and down (qwertyuiop123,
//     1q2w3e4r5t6y, qazwsxedcrfv);
//   - digits: counted up or down, repeated, in pairs (123456789012, 102030405060).
//
// It is not a copy of any leak, so it is no measure of frequency, and it holds
// nothing that belongs to one person.
package main

import (
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	shortest = 12 // what Check asks of those with a second factor
	longest  = 32 // longer ones are not common, only possible
)

var (
	// words are chosen by themselves, everywhere.
	words = strings.Fields(`
		senha minhasenha novasenha senhanova senhaforte senhasegura senhapadrao senhamestra senhadificil
		senhasecreta senhadoadmin senhaadmin mudar mudarsenha mudeasenha mudesenha mudeestasenha mudaragora
		trocar trocarsenha trocaasenha acesso acessorapido acessototal acessoremoto entrar segredo secreta
		admin administrador administracao adminadmin superadmin root usuario sistema suporte servidor
		gerente gerencia diretoria financeiro financas vendas vendedor comercial estoque caixa contabil
		contabilidade escritorio empresa minhaempresa loja minhaloja lojavirtual comercio mercado mercadolivre
		marketplace ecommerce retaguarda integracao plataforma software softwarehouse tecnologia informatica
		computador internet nuvemshop plug4market meucarrinho showkase carrinho cliente clientes fornecedor
		teste testando testeteste temporario temporaria provisoria provisorio padrao primeiroacesso
		brasil brazil brasileiro brasileira familia minhafamilia felicidade feliz amizade saudade liberdade
		esperanca vitoria vencedor sucesso prosperidade gratidao paciencia coragem estrela borboleta princesa
		princesinha gatinha gatinho cachorro cachorrinho amor meuamor amorzinho amoreterno amordaminhavida
		amordemae euteamo teamo teamomuito euteamomuito vidaloka vidanova deus deusefiel deuseamor
		deusnocomando deusefielsempre fieladeus jesus jesuscristo jesusteama jesusefiel jesussalva
		jesusmeusalvador nossasenhora aparecida espiritosanto gloriaadeus futebol
		password mypassword newpassword passw0rd p@ssw0rd p@ssword pa55word pa$$w0rd passwort passphrase
		secret supersecret topsecret login letmein letmeinplease welcome welcomehome changeme changemenow
		changeit default guest user test testing tester temp temporary administrator adminpassword rootpassword
		masterkey master manager system server service support security database backup company office
		computer iloveyou iloveu loveyou lovely sunshine princess dragon monkey football baseball basketball
		superman batman spiderman ironman starwars pokemon minecraft naruto shadow ninja killer hunter
		trustno1 whatever nothing freedom forever summer winter spring autumn charlie michael jordan jennifer
		samsung android iphone windows microsoft google facebook instagram whatsapp youtube netflix
		hello helloworld goodmorning qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm abcdef abcdefgh abc abcd
		abcd1234 abc123 qwe123 qwerty123 admin123 senha123 mudar123 teste123 pass123 password1 1q2w3e4r 1qaz2wsx
		q1w2e3r4 zaq12wsx a1b2c3d4 1a2b3c4d`)

	// long words are long enough alone.
	long = strings.Fields(`
		christopher philadelphia peanutbutter cheeseburger satisfaction entertainment construction civilization
		playstation playstation2 playstation3 playstation4 playstation5 sonyericsson residentevil mortalkombat greenlantern
		nightcrawler necronomicon foreveryoung sanfrancisco networking websolutions temppassword supernatural
		intelligence international unbelievable administrator professional transformers communication
		congratulations understanding relationship independence revolution imagination independent mathematics
		australia constantinople mississippi massachusetts california beautifulgirl blackberry skateboarding
		snowboarding motorcycle volkswagen harleydavidson lamborghini mercedesbenz mitsubishi chevrolet
		kawasaki independente responsabilidade oportunidade universidade engenharia administracao
		contabilidade desenvolvimento desenvolvedor programador programacao tecnologia comunicacao
		transformacao inteligencia determinacao perseveranca honestidade simplicidade criatividade
		espiritualidade fisioterapia enfermagem veterinaria arquitetura odontologia motocicleta
		caminhoneiro supermercado farmaciapopular materialdeconstrucao distribuidora transportadora
		panificadora lanchonete restaurante churrascaria pizzaria papelaria perfumaria confeccoes
		cosmopolitan chesterfield contortionist scandinavian motherfucker masturbation pornographic`)

	clubs = strings.Fields(`
		flamengo corinthians palmeiras saopaulo saopaulofc santos santosfc vasco vascodagama gremio gremista
		internacional colorado cruzeiro atletico atleticomineiro galodoido botafogo fluminense bahia
		sportrecife nautico santacruz fortaleza ceara coritiba athletico goias vilanova chapecoense juventude
		pontepreta guarani portuguesa remo paysandu sampaiocorreia botafogopb campinense treze americamineiro
		barcelona realmadrid liverpool juventus arsenal chelsea manchester bocajuniors riverplate timao mengao
		verdao tricolor`)

	places = strings.Fields(`
		saopaulo riodejaneiro belohorizonte portoalegre salvador recife curitiba florianopolis brasilia
		goiania manaus belem natal joaopessoa campinagrande maceio aracaju teresina saoluis fortaleza vitoria
		cuiaba campogrande palmas portovelho boavista riobranco macapa campinas santos sorocaba guarulhos
		niteroi londrina joinville uberlandia paraiba pernambuco minasgerais parana santacatarina riogrande`)

	names = strings.Fields(`
		adriana adriano alessandra alessandro alexandre aline amanda anderson andre andrea andressa angela
		antonio arthur augusto barbara beatriz bernardo bianca bruna bruno caio camila carla carlos carolina
		cassio cecilia cesar clara claudia claudio cristiane cristiano cristina daniel daniela danilo davi
		debora diego douglas edson eduarda eduardo elaine eliane elisangela emanuel fabiana fabio felipe
		fernanda fernando flavia flavio francisco gabriel gabriela geovana gilberto giovanna guilherme
		gustavo heitor helena henrique hugo igor isabel isabela isabella jaqueline jessica joana joao jonas
		jorge jose josefa julia juliana juliano julio karina larissa laura leandro leonardo leticia lorena
		lucas luciana luciano luis luiz luiza manuela marcela marcelo marcia marcio marco marcos maria
		mariana marina mario mateus matheus mauricio mayara michele miguel monica murilo natalia nathalia
		nicolas nicole pablo patricia paula paulo pedro priscila rafael rafaela raimundo raquel regina
		renata renato ricardo roberta roberto rodrigo rogerio rosana rosangela sabrina samuel sandra sergio
		silvia simone sofia sonia suelen tatiana tatiane thais thiago tiago valentina valeria vanessa
		vera vicente victor vinicius vitor vitoria viviane wagner wellington wesley william yasmin`)

	// pairs are names and words that are said in one breath.
	pairs = strings.Fields(`
		anabeatriz anacarolina anaclara anajulia analaura analuiza anapaula anavitoria antoniocarlos
		carloseduardo davilucas enzogabriel heitormiguel joaogabriel joaoguilherme joaolucas joaomiguel
		joaopaulo joaopedro joaovictor joaovitor josecarlos joseantonio lauravitoria luizfelipe
		luizfernando luizgustavo luizhenrique marcoantonio marcosvinicius mariaalice mariaaparecida
		mariacecilia mariaclara mariaeduarda mariafernanda mariahelena mariaisabel mariajose mariajulia
		marialuiza mariasofia mariavitoria pauloroberto paulohenrique paulocesar pedrohenrique pedrolucas
		pedromiguel luizcarlos maededeus filhodedeus filhadedeus meudeus meusfilhos minhafilha meufilho
		minhamae minhavida meubebe meugato meucachorro minhacasa minhaesposa meumarido paiemae maeepai
		flamengocampeao flamengoateamorte corinthiansminhavida corinthianscampeao palmeirascampeao
		saopaulocampeao santoscampeao vascocampeao gremiocampeao galocampeao raçarubronegra vaicorinthians
		vaibrasil brasilcampeao brasilhexa copadomundo`)

	sentences = strings.Fields(`
		achavedomeucoracao acesseagora adeusmundocruel amoaminhafamilia amominhafamilia amomeusfilhos
		amominhafilha amomeufilho amominhaesposa amomeumarido aquiestaasenha atedepoisdofim
		bemvindoaobrasil casaprapalavra deusabencoe deusabencoeatodos deuseamaior deuseamor deusefiel
		deusefielsempre deusehmais deusemaior deusemais deusemeupastor deusemeurefugio deusestacomigo
		deusestanocontrole deusnocontrole estaeaminhasenha estaehminhasenha euamomeusfilhos
		euamominhafamilia euamojesus euamodeus euamovoce eutedoumeuamor euteamopravida
		euteamopratodavida euteamoparasempre esqueciasenha esqueciminhasenha jesuseamor jesuseocaminho
		jesusemeusalvador jesusnocomando meuamoreterno meuamoreternamente minhasenhasecreta
		naoseiasenha naoseiaminhasenha naolembroasenha naolembrodasenha nadaenadamais
		osenhoremeupastor osenhoremeupastorenadamefaltara nadamefaltara quemsabeumdia semsenhasemsenha
		senhaerrada senhainvalida senhamuitodificil senhamuitosegura senhasupersecreta senhadainternet
		senhadowifi senhadaloja senhadaempresa senhadosistema sosucessosempre tudovaidarcerto
		tudopassa umdoistresquatro umdoistresquatrocinco vaidartudocerto vivaavida vivendoeaprendendo
		correcthorsebatterystaple correcthorsebattery iloveyouforever iloveyousomuch iloveyoubaby
		iloveyou4ever iloveyoualways iloveyoumore iloveyoutoo iloveyoumom iloveyoumum ilovemyself
		ilovemyfamily ilovemylife ilovemybaby ilovemymom ilovemydog ilovemycat ilovejesus ilovejesus1
		ilovejesuschrist ilovechocolate ilovefootball ilovemusic ihatepasswords ihatethis ihateyou
		iamthebest iamtheboss imthebest imtheking thisismypassword thisisapassword thisisasecret
		thisisnotapassword thisismysecret passwordispassword passwordpassword password1password1
		mypasswordispassword mypasswordis123 mypasswordissecret nopasswordneeded nopassword
		dontforgetthis dontforgetme dontforget donotforget forgotpassword forgetmenot rememberme
		rememberthis letmeinnow letmeinplease openthedoor opensesame opensesame123 openupplease
		maytheforcebewithyou maytheforce mayth4forcebewithyou tobeornottobe keepcalmandcarryon
		livelaughlove lovelaughlive loveyouforever loveyoualways foreverandever alwaysandforever
		alwaysbemine togetherforever bestfriends bestfriendsforever bestfriend4ever bestmomever
		godisgood godisgreat godislove godblessme godblessyou godblessamerica godfirst jesuslovesme
		jesuslovesyou jesusislord jesusislove jesuschrist jesuschrist1 ingodwetrust trustingod
		trustnoone trustnobody manchesterunited manchestercity liverpoolfc realmadridcf
		barcelonafc chelseafc fcbarcelona newyorkyankees dallascowboys chicagobulls lakersforever
		harrypotter harrypotter1 lordoftherings gameofthrones breakingbad starwarsfan strangerthings
		onedirection 				rockandroll rocknroll heavymetal ironmaiden linkinpark guns'n'roses gunsnroses greenday1
		blink182blink182 slipknot666 metallica123 supernatural sweetheart1 sweetdreams sweetiepie
		butterfly123 strawberry1 chocolate123 motherfucker fuckyoufuckyou
		whatthefuck
		whatthehell whatsmypassword whoareyou123 whosyourdaddy 		leavemealone dontgiveup nevergiveup neversaynever neverforget neverforgetme justdoit123
		carpediem123 hakunamatata hastalavista hastalavistababy hellokitty123 helloworld123 spongebob123
		scoobydoo123 winniethepooh mickeymouse mickeymouse1 minniemouse donaldduck buzzlightyear
		needforspeed callofduty counterstrike worldofwarcraft grandtheftauto leagueoflegends
		finalfantasy finalfantasy7 finalfantasyvii devilmaycry4 assassinscreed clashofclans freefire123
		transformers unbelievable international administrator professional intelligence
		supercalifragilisticexpialidocious abracadabra1 abracadabra123 onetwothreefour
		onetwothreefourfive contraseña123 contrasena123 micontraseña micontrasena tequieromucho
		teamomucho teamoparasiempre motdepasse123 jetaimeforever passwort123456 ichliebedich
		4815162342lost lost4815162342 jamesbond007 agent007bond qwertyqwerty123`)

	// endings follow the words that people choose most.
	endings = append(strings.Fields(`
		1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 12345678910 321 4321 54321 654321 987654321
		102030 10203040 123123 123321 112233 1q2w3e4r qwerty abc123 ! 1! 123! 1234! 12345! 123456!
		123@ 1234@ @1 @12 @123 @1234 @12345 @123456 @12345678 @123456789 @10 #123 #1234 *123 123# 2000`),
		years(2020, 2026)...)

	// habits are the endings of everything else.
	habits = append(strings.Fields(`
		123 1234 12345 123456 1234567 12345678 123456789 1234567890 12345678910 102030 123! @123 @1234 @123456 10`), years(2023, 2026)...)

	// walks over the keyboard: along its rows, up and down its columns, both hands
	// in turn, on a Brazilian, an American and a numeric one.
	walks = strings.Fields(`
		1234567890-= 12345678900987654321 0987654321 qwertyuiop qwertyuiop[] qwertyuiopasdfghjklzxcvbnm poiuytrewq
		asdfghjkl asdfghjklç asdfghjkl; lkjhgfdsa zxcvbnm zxcvbnm,./ zxcvbnm,.; mnbvcxz qwertyasdfgh qwertyasdfghzxcvbn qwertasdfgzxcvb
		qwerasdfzxcv asdfqwerzxcv zxcvasdfqwer qweasdzxc qweasdzxcqweasdzxc asdqwezxc zxcasdqwe zxcasdqwe123 qweasd123 123qweasdzxc qwe123asd456zxc789
		qweasdzxcrfvtgbyhn 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p; 1qaz2wsx3edc 1qazxsw23edcvfr45tgb 1qaz!qaz2wsx@wsx !qaz2wsx#edc4rfv
		!qaz@wsx#edc$rfv zaq12wsxcde34rfv zaq1xsw2cde3vfr4bgt5 zaq1zaq1zaq1 qazwsxedcrfvtgbyhnujmikolp qazxswedcvfrtgbnhyujmkiolp wsxedcrfvtgb edcrfvtgbyhn
		1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 1q2w3e4r1q2w3e4r q1w2e3r4q1w2e3r4 1qa2ws3ed4rf5tg6yh qaz123wsx456edc789 1a2s3d4f5g6h7j8k9l a1s2d3f4g5h6j7k8l9
		1z2x3c4v5b6n7m z1x2c3v4b5n6m7 zxcvbnmasdfghjklqwertyuiop zxcvbnmasdfghjkl asdfghjklzxcvbnm asdfghjklqwertyuiop mnbvcxzlkjhgfdsapoiuytrewq
		poiuytrewqlkjhgfdsamnbvcxz 123qweasdzxc456rtyfghvbn 1234qwerasdfzxcv 12345qwertasdfgzxcvb 123456qwertyasdfghzxcvbn qwer1234asdf5678 asdf1234qwer5678 qwert12345asdfg
		147258369 147258369147258369 159357456852 159753456852 147852369 741852963 741852963741852963 789456123 789456123789456123 963852741 963852741963852741
		!@#$%^&*() !@#$%¨&*() !@#$%^&*()_+ qwerty!@#$%^ 1234567890!@#$ abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba a1b2c3d4e5f6g7h8i9j0 1a2b3c4d5e6f7g8h9i0j
		abc123def456ghi789 abcd1234efgh5678 aabbccddeeffgg aa11bb22cc33dd44 112233445566778899 11223344556677889900 998877665544332211 102030405060708090100 908070605040302010
		010203040506070809 01020304050607080910 1223334444555556 122333444455555666666 13579246810 1357924680 2468013579 24681357902468 1029384756 10293847561029384756 192837465 19283746556473829101
		123454321 1234567654321 123456787654321 12345678987654321 123456789987654321 1234567890987654321 31415926535897932384626433832795 27182818284590452353
		111222333444555666777888999 999888777666555444333222111 123321123321123321 123123123123123123 456456456456 789789789789 321321321321 654321654321 147147147147 258258258258 369369369369`)

	// counts and steps are put together in either order.
	counts = strings.Fields(`
		1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 321 4321 54321 654321 987654321 0987654321
		111 123123 123321 112233 147258369 789456123 123qwe 1q2w3e 123456654 159753`)
	steps = strings.Fields(`
		q qw qwe qwer qwert qwerty qwertyu qwertyuiop asd asdf asdfgh asdfghjkl zx zxc zxcv zxcvbn zxcvbnm qaz qazwsx
		qazwsxedc qweasd qweasdzxc asdqwe zaq ewq qweewq ytrewq abc abcd abcdef aaa zzz qqq qweqwe qwerty123456 123qwe 789 000 456654
		654321 123321 159753`)

	walkEndings = strings.Fields(`1 12 123 1234 123456 ! @ @123 10`)
)

func main() {
	set := map[string]bool{}
	add := func(parts ...string) {
		password := strings.ToLower(strings.Join(parts, ""))
		if n := utf8.RuneCountInString(password); shortest <= n && n <= longest {
			set[password] = true
		}
	}
	addAll := func(words, endings []string) {
		for _, word := range words {
			for n := 1; n <= 3; n++ {
				add(strings.Repeat(word, n))
			}
			for _, ending := range endings {
				add(word, ending)
			}
		}
	}
	addAll(words, endings)
	addAll(slices.Concat(long, clubs, places, names, pairs), habits)
	addAll(sentences, []string{"1", "123", "1234", "!", "@123"})
	for _, word := range slices.Concat(words, clubs) {
		for _, start := range []string{"123", "1234", "123456", "@", "2026"} {
			add(start, word)
		}
	}
	for _, walk := range walks {
		addAll([]string{walk}, walkEndings)
		for end := range walk { // never in the middle of a letter
			add(walk[:end])
		}
	}
	for _, count := range counts {
		for _, step := range steps {
			add(count, step)
			add(step, count)
		}
	}
	for n := shortest; n <= 20; n++ {
		for _, pattern := range []string{
			"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "x", "z", ".", "*", "@", "!",
			"01", "10", "12", "21", "13", "69", "99", "00", "1a", "a1", "ab", "xy", "12345", "123456", "1234567", "12345678",
			"123456789", "1234567890", "0123456789", "9876543210", "0987654321", "987654321", "123", "321", "1234", "4321",
			"abc", "abcd",
			"abc123", "123abc", "123a", "qwe", "asd", "qwer", "asdf", "qwerty", "102030", "112233", "123321", "121212", "131313",
		} {
			add(strings.Repeat(pattern, n)[:n])
		}
	}

	list := make([]string, 0, len(set))
	for password := range set {
		list = append(list, password)
	}
	slices.Sort(list)
	if err := os.WriteFile("common.txt", []byte(strings.Join(list, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

// years returns the years from first to last, bare and behind the mark with which
// a rule that wants one is met.
func years(first, last int) []string {
	var all []string
	for year := first; year <= last; year++ {
		all = append(all, strconv.Itoa(year), "@"+strconv.Itoa(year))
	}
	return all
}
