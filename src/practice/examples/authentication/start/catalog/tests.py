from rest_framework.test import APITestCase

from .models import Product


class ProductApiTests(APITestCase):
    @classmethod
    def setUpTestData(cls):
        Product.objects.create(name="Teapot", slug="teapot", price="24.50")
        Product.objects.create(name="Kettle", slug="kettle", price="39.00")
        Product.objects.create(
            name="Samovar", slug="samovar", price="310.00", is_on_sale=False
        )

    def test_lists_what_is_on_sale_by_name(self):
        response = self.client.get("/api/products/")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            [product["slug"] for product in response.json()["results"]],
            ["kettle", "teapot"],
        )

    def test_shows_one_product(self):
        response = self.client.get("/api/products/teapot/")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["price"], "24.50")

    def test_hides_what_is_no_longer_on_sale(self):
        response = self.client.get("/api/products/samovar/")

        self.assertEqual(response.status_code, 404)

    def test_is_read_only(self):
        response = self.client.post("/api/products/", {"name": "Cup", "slug": "cup"})

        self.assertEqual(response.status_code, 405)
