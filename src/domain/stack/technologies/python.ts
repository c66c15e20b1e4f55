import type { FileSign, Technology } from './technology.js'

const of = (
  kind: Technology['kind'],
  name: string,
  more: Omit<Technology, 'name' | 'kind' | 'ecosystem'>,
): Technology => ({
  name,
  kind,
  ecosystem: 'pypi',
  ...more,
})

const settings = (text: RegExp): FileSign[] =>
  ['settings.py', 'settings/base.py', 'settings/common.py', 'settings/__init__.py'].map(file => ({ file, text }))

const entries = (text: RegExp): FileSign[] =>
  [
    'main.py',
    'app.py',
    'wsgi.py',
    'asgi.py',
    'api.py',
    'server.py',
    'app/__init__.py',
    'src/*/__init__.py',
    '/*/__init__.py',
  ].map(file => ({ file, text }))

const data = (name: string, ...dependencies: string[]): Technology =>
  of('library', name, { dependencies, runtime: true })

/** What lives on PyPI. */
export const python: Technology[] = [
  of('framework', 'Django', {
    dependencies: ['django'],
    configuration: [{ file: 'manage.py', text: /DJANGO_SETTINGS_MODULE/ }, ...settings(/\bINSTALLED_APPS\b/)],
    structure: ['migrations/0001_*.py'],
    runtime: true,
  }),
  of('framework', 'Django REST Framework', {
    dependencies: ['djangorestframework'],
    configuration: settings(/['"]rest_framework['"]|\bREST_FRAMEWORK\b/),
    structure: ['serializers.py'],
    runtime: true,
  }),
  of('framework', 'FastAPI', {
    dependencies: ['fastapi', 'fastapi-slim'],
    configuration: entries(/\bFastAPI\(/),
    runtime: true,
  }),
  of('framework', 'Flask', {
    dependencies: ['flask'],
    configuration: [...entries(/\bFlask\(/), '/.flaskenv'],
    runtime: true,
  }),
  of('framework', 'Starlette', { dependencies: ['starlette'], configuration: entries(/\bStarlette\(/), runtime: true }),
  of('framework', 'aiohttp', {
    dependencies: ['aiohttp'],
    configuration: entries(/\bweb\.Application\(/),
    runtime: true,
  }),
  of('framework', 'Tornado', {
    dependencies: ['tornado'],
    configuration: entries(/tornado\.web\.Application/),
    runtime: true,
  }),
  of('framework', 'Streamlit', {
    dependencies: ['streamlit'],
    configuration: ['.streamlit/config.toml'],
    runtime: true,
  }),
  of('framework', 'Scrapy', {
    dependencies: ['scrapy'],
    configuration: ['/scrapy.cfg'],
    structure: ['spiders/*.py'],
    runtime: true,
  }),
  of('framework', 'Airflow', {
    dependencies: ['apache-airflow'],
    configuration: ['airflow.cfg'],
    structure: ['dags/*.py'],
    runtime: true,
  }),
  of('framework', 'dbt', {
    dependencies: ['dbt-core', 'dbt-postgres', 'dbt-snowflake', 'dbt-bigquery', 'dbt-redshift', 'dbt-duckdb'],
    configuration: ['dbt_project.yml'],
  }),
  of('library', 'Celery', { dependencies: ['celery'], configuration: ['celery.py', 'celeryconfig.py'], runtime: true }),
  of('library', 'SQLAlchemy', {
    dependencies: ['sqlalchemy'],
    companions: ['sqlmodel', 'flask-sqlalchemy'],
    configuration: ['/alembic.ini', 'alembic/env.py', 'migrations/env.py'],
    runtime: true,
  }),
  of('library', 'Alembic', {
    dependencies: ['alembic'],
    companions: ['flask-migrate'],
    configuration: ['alembic.ini', 'migrations/env.py'],
    structure: ['versions/*.py'],
  }),
  data('Pydantic', 'pydantic'),
  data('NumPy', 'numpy'),
  data('pandas', 'pandas'),
  data('Polars', 'polars'),
  data('scikit-learn', 'scikit-learn'),
  data('SciPy', 'scipy'),
  data('PyTorch', 'torch', 'pytorch'),
  data('TensorFlow', 'tensorflow', 'tensorflow-cpu', 'tensorflow-gpu', 'keras'),
  data('JAX', 'jax'),
  data('XGBoost', 'xgboost'),
  data('LightGBM', 'lightgbm'),
  data('Hugging Face Transformers', 'transformers'),
  data('LangChain', 'langchain', 'langchain-core'),
  of('library', 'MLflow', { dependencies: ['mlflow'], configuration: ['MLproject'], runtime: true }),
  data('PySpark', 'pyspark'),
  of('library', 'DVC', { dependencies: ['dvc'], configuration: ['.dvc/config', '/dvc.yaml'] }),
  of('tool', 'Jupyter', { dependencies: ['jupyter', 'jupyterlab', 'notebook', 'ipykernel'], structure: ['*.ipynb'] }),
  of('tool', 'pytest', {
    dependencies: ['pytest'],
    companions: ['pytest-django', 'pytest-asyncio', 'pytest-cov', 'pytest-mock', 'pytest-xdist'],
    configuration: [
      'pytest.ini',
      '/conftest.py',
      'tests/conftest.py',
      { file: '/pyproject.toml', text: /^\[tool\.pytest[.\]]/m },
      { file: '/setup.cfg', text: /^\[tool:pytest\]/m },
      { file: '/tox.ini', text: /^\[pytest\]|\bpytest\b/m },
    ],
    testing: true,
  }),
  of('tool', 'Ruff', {
    dependencies: ['ruff'],
    configuration: [
      '/ruff.toml',
      '/.ruff.toml',
      { file: '/pyproject.toml', text: /^\[tool\.ruff[.\]]/m },
      { file: '/.pre-commit-config.yaml', text: /ruff-pre-commit/ },
    ],
  }),
  of('tool', 'Black', {
    dependencies: ['black'],
    configuration: [
      { file: '/pyproject.toml', text: /^\[tool\.black\]/m },
      { file: '/.pre-commit-config.yaml', text: /psf\/black/ },
    ],
  }),
  of('tool', 'flake8', {
    dependencies: ['flake8'],
    configuration: [
      '/.flake8',
      { file: '/setup.cfg', text: /^\[flake8\]/m },
      { file: '/tox.ini', text: /^\[flake8\]/m },
    ],
  }),
  of('tool', 'mypy', {
    dependencies: ['mypy'],
    configuration: [
      '/mypy.ini',
      '/.mypy.ini',
      { file: '/pyproject.toml', text: /^\[tool\.mypy\]/m },
      { file: '/setup.cfg', text: /^\[mypy\]/m },
    ],
  }),
  of('tool', 'tox', {
    dependencies: ['tox'],
    configuration: ['/tox.ini', { file: '/pyproject.toml', text: /^\[tool\.tox\]/m }],
    testing: true,
  }),
  of('tool', 'Nox', { dependencies: ['nox'], configuration: ['/noxfile.py'], testing: true }),
]
