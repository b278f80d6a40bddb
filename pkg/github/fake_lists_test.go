package github_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// paged answers a list by page, at most limit items on each, with a Link
// header to the next. counted is the name of the list inside an object with a
// total, or "" for a bare list.
func paged(items array, limit int, counted string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		size = min(size, limit)
		first, last := min((number-1)*size, len(items)), min(number*size, len(items))
		if last < len(items) {
			w.Header().Set("Link", fmt.Sprintf(`<https://%s/repositories/1001/x?page=1>; rel="first", <https://%s/repositories/1001/x?page=%d&per_page=%d>; rel="next"`, r.Host, r.Host, number+1, size))
		}
		var answer any = append(array{}, items[first:last]...)
		if counted != "" {
			answer = object{"total_count": len(items), counted: answer}
		}
		show(w, http.StatusOK, answer)
		return true
	}
}

// uncounted lists one item on each page, and counts one however many there are.
func uncounted(items array, counted string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if number < len(items) {
			w.Header().Set("Link", fmt.Sprintf(`<https://%s/x?page=%d>; rel="next"`, r.Host, number+1))
		}
		show(w, http.StatusOK, object{"total_count": 1, counted: items[number-1 : number]})
		return true
	}
}

// moved redirects a path of the repository to another repository, which answers.
func moved(answer func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if there := strings.Replace(r.URL.Path, "/repos/acme/", "/repos/eve/", 1); there != r.URL.Path {
			return raw(301, jsonMedia, "{}", "Location", there+"?"+r.URL.RawQuery)(w, r)
		}
		return answer(w, r)
	}
}

// by answers each path with its own handler, also where it was moved to.
func by(handlers map[string]func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		asked := strings.Replace(r.URL.Path, "/repos/eve/", "/repos/acme/", 1)
		handle := handlers[asked[len("/api"):]]
		if handle == nil && len(asked) > len("/api/v3") {
			handle = handlers[asked[len("/api/v3"):]]
		}
		return handle != nil && handle(w, r)
	}
}

// runsIn is an answer that lists workflow runs, or the answer itself where it is
// no list of them.
func runsIn(answer any) any {
	if runs, ok := answer.(array); ok {
		return object{"total_count": len(runs), "workflow_runs": runs}
	}
	return answer
}
