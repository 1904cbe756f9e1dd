#!/bin/sh
# A connector in a few lines of shell: it answers a request of the stdin protocol.
# One of its lines is malformed, unless the configuration has "flaw": "no".
request=$(cat)
case $request in
*'"action":"spec"'*)
	echo '{"type":"object","required":["team"],"properties":{"team":{"type":"string"},"flaw":{"type":"string"}}}'
	;;
*'"action":"schema"'*)
	echo '{"schemas":{"help":{"tables":{"tickets":{"columns":{"id":{"type":"LONG","primary_key":true},"title":{"type":"STRING"}}}}}}}'
	;;
*'"action":"test"'*)
	echo '{"status":"SUCCESS","message":"the shell is here"}'
	;;
*)
	echo "reading tickets" >&2
	echo '{"type":"RECORD","record":{"help":{"tickets":{"id":9007199254740993,"title":"first"}}}}'
	echo '{"type":"RECORD","record":{"help":{"tickets":{"id":2,"title":"second","urgent":true}}}}'
	echo '{"type":"RECORD","record":{"help":{"tickets":{"id":3,"title":"third"}}}}'
	echo '{"type":"STATE","state":{"page":1}}'
	echo '{"type":"RECORD","op":"DELETE","record":{"help":{"tickets":{"id":3}}}}'
	echo '{"type":"RECORD","op":"UPDATE","record":{"help":{"tickets":{"id":2,"title":"2nd"}}}}'
	echo '{"type":"LOG","log":{"level":"WARNING","message":"one ticket has no title"}}'
	echo '{"type":"STATE","state":{"page":2}}'
	echo '{"type":"RECORD","record":{"help":{"tickets":{"id":4,"title":"fourth"}}}}'
	case $request in *'"flaw":"no"'*) ;; *) echo 'Traceback: something printed this' ;; esac
	echo '{"type":"STATE","state":{"page":3}}'
	;;
esac
