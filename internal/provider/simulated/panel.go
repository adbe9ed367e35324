package simulated

import (
	"bytes"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// shopsShown is how many shops a panel shows, of a provider that may have thousands.
const shopsShown = 200

// page is what a provider shows of itself.
type page struct {
	Title string
	Intro string
	Links []link
	Shops []shop

	Down  bool   // filled in for every provider
	Calls []fact // the same
}

type link struct{ URL, Label string }

type shop struct {
	ID      string
	Title   string
	Facts   []fact
	Actions []action
}

type fact struct{ Name, Value string }

type action struct{ Name, Label string }

// choose returns one of two actions.
func choose(first bool, one, other action) action {
	if first {
		return one
	}
	return other
}

// servePanel serves the panel at / and what its buttons do: an action by its name,
// for a shop by its ID.
func (f *Faults) servePanel(mux *http.ServeMux, show func() page, actions map[string]func(shop string)) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		shown := show()
		f.mu.Lock()
		shown.Down = f.down
		for _, pattern := range slices.Sorted(maps.Keys(f.counts)) {
			shown.Calls = append(shown.Calls, fact{pattern, strconv.Itoa(f.counts[pattern])})
		}
		f.mu.Unlock()
		writePage(w, panelPage, shown)
	})
	mux.HandleFunc("POST /_control/{action}", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		switch name := r.PathValue("action"); {
		case name == "down", name == "up":
			f.SetDown(name == "down")
		case actions[name] != nil:
			actions[name](r.PostFormValue("shop"))
		default:
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
}

func writePage(w http.ResponseWriter, t *template.Template, value any) {
	var text bytes.Buffer
	if err := t.Execute(&text, value); err != nil {
		panic(err) // a template of this package that does not fit its value
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text.Bytes())
}

const pageStyle = `<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c; background: #fff }
section { border: 1px solid #767676; border-radius: .5rem; padding: 0 1rem 1rem; margin: 1rem 0 }
dt { font-weight: 600 } dd { margin: 0 0 .5rem; overflow-wrap: anywhere }
form { display: inline-block; margin: .25rem .5rem .25rem 0 } button, select { font: inherit; padding: .4rem .8rem }
</style>`

var panelPage = template.Must(template.New("panel").Parse(`<!DOCTYPE html>
<html lang="pt-BR">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}} simulado</title>` + pageStyle + `</head>
<body>
<main>
<h1>{{.Title}} simulado</h1>
<p>Este é um provedor de mentira: nenhuma loja, senha ou token daqui existe. {{.Intro}}</p>
{{range .Links}}<p><a href="{{.URL}}">{{.Label}}</a></p>
{{end}}
<p>Situação do provedor: <strong>{{if .Down}}fora do ar (503){{else}}no ar{{end}}</strong></p>
{{if .Down}}<form method="post" action="/_control/up"><button>Voltar ao ar</button></form>
{{else}}<form method="post" action="/_control/down"><button>Derrubar (503)</button></form>
{{end}}
<h2>Lojas</h2>
{{range $shop := .Shops}}<section aria-labelledby="shop-{{.ID}}">
<h3 id="shop-{{.ID}}">{{.Title}}</h3>
<dl>{{range .Facts}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>
{{range .Actions}}<form method="post" action="/_control/{{.Name}}"><input type="hidden" name="shop" value="{{$shop.ID}}"><button>{{.Label}}</button></form>
{{end}}</section>
{{else}}<p>Nenhuma loja.</p>
{{end}}
<h2>Chamadas recebidas</h2>
{{if .Calls}}<dl>{{range .Calls}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>{{else}}<p>Nenhuma chamada.</p>{{end}}
</main>
</body>
</html>
`))
