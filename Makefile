# Short names for the scripts in .setup, which also work where there is no make.
# Options pass through ARGS:  make run ARGS="--preset healthy"   make test ARGS="-k history"

.PHONY: run test lint bench package setup sysdeps clean

run:
	@sh .setup/run $(ARGS)

test:
	@sh .setup/test $(ARGS)

lint:
	@sh .setup/lint

bench: setup
	@.venv/bin/python -m tests.bench.startup $(ARGS)
	@xvfb-run -a -s '-screen 0 1920x1200x24' .venv/bin/python -m tests.bench.window $(ARGS)
	@.venv/bin/python -m tests.bench.step $(ARGS)
	@.venv/bin/python -m tests.bench.history $(ARGS)
	@.venv/bin/python -m tests.bench.labs $(ARGS)

package:
	@sh .setup/package $(ARGS)

setup:
	@sh .setup/prepare test

sysdeps:
	@sh .setup/prepare system

clean:
	rm -rf .venv .package .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find engine gui tests -name __pycache__ -exec rm -rf {} +
