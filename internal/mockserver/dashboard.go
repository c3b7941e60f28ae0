package mockserver

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

//go:embed dashboard
var dashboardFiles embed.FS

const (
	// redrawInterval keeps a busy server from redrawing the dashboard for each request.
	redrawInterval = 100 * time.Millisecond
	// heartbeat is how often the dashboard is redrawn when nothing happens: time passes all the
	// same.
	heartbeat = 15 * time.Second
)

// handleDashboard serves the page and what belongs to it.
func handleDashboard(mux *http.ServeMux, mock *csmstest.Server) {
	page := template.Must(template.ParseFS(dashboardFiles, "dashboard/page.html"))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		serveDashboard(w, page, newDashboardView(mock, "http://"+r.Host))
	})
	mux.HandleFunc("GET /_dashboard/events", func(w http.ResponseWriter, r *http.Request) { serveEvents(w, r, mock) })
	for _, name := range []string{"style.css", "script.js", "icon.svg"} {
		mux.HandleFunc("GET /_dashboard/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, dashboardFiles, "dashboard/"+name)
		})
	}
}

func serveDashboard(w http.ResponseWriter, page *template.Template, view dashboardView) {
	var text bytes.Buffer
	if err := page.Execute(&text, view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text.Bytes()) // It fails if the client is gone.
}

// serveEvents notifies the page of each event, until the client goes away or
// the server is closed.
func serveEvents(w http.ResponseWriter, r *http.Request, mock *csmstest.Server) {
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	for {
		revision, next := mock.Watch()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", revision); err != nil || stream.Flush() != nil {
			return
		}
		if !waitForChange(r, mock, redrawInterval, nil) || !waitForChange(r, mock, heartbeat, next) {
			return
		}
	}
}

// waitForChange waits for a change or for a time to pass. It returns false if the client went away
// or the server was closed meanwhile.
func waitForChange(r *http.Request, mock *csmstest.Server, d time.Duration, change <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-change:
		return true
	case <-r.Context().Done():
		return false
	case <-mock.Closed():
		return false
	}
}
